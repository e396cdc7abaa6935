import { env } from 'cloudflare:workers'
import { getCheckpoint } from '../../src/compliance/archive/checkpoint/get-checkpoint.ts'
import {
  describeKeys,
  formatKept,
  readPublication,
  writePublication,
} from '../../src/compliance/archive/checkpoint/publication.ts'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { appendDigests, EMPTY_EDGE, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { cosignBody, formatNote, type NoteSigner, signBody } from '../../src/tlog/note.ts'
import { tilePath } from '../../src/tlog/tiles.ts'
import { segmentPaths, textAt } from './archive.ts'
import { jobContext } from './job-context.ts'

interface Publication {
  /** Texts of segments of format 1. */
  readonly old?: readonly string[]
  readonly witnesses?: readonly NoteSigner[]
  /** Publish only so many lines. */
  readonly size?: number
}

/** Publishes the log over all lines of the archive at once, as the service does in its own time. */
export async function publishLog({ old = [], witnesses = [], size }: Publication = {}): Promise<string> {
  const ctx = await jobContext()
  const lines = old.flatMap((text) => text.split('\n').slice(1, -1))
  for (const path of await segmentPaths()) lines.push(...(await textAt(path)).split('\n').slice(1, -2))
  const { edge, full } = appendDigests(EMPTY_EDGE, lines.slice(0, size).map(digestOfLine))
  for (const tile of full) await env.ARCHIVE.put(`log/${tilePath(tile)}`, tile.bytes)
  const origin = originOf(ctx.settings)
  const { signers } = await deriveLogKeys(ctx, origin)
  const body = formatTreeHead({ origin, size: edge.size, root: rootOfEdge(edge) })
  const signatures = await Promise.all([
    ...signers.map((signer) => signBody(body, signer)),
    ...witnesses.map((witness) => cosignBody(body, witness, 1_800_000_000)),
  ])
  const note = formatNote({ body, signatures })
  const { etag } = await readPublication(ctx)
  const published = {
    publishedAtMs: ctx.now,
    view: await getCheckpoint(ctx, originOf(ctx.settings)),
    log: { note, edge, cosignedAtMs: ctx.now },
  }
  await writePublication(ctx, published, etag)
  // The location would otherwise answer with what it kept, for up to a minute.
  await ctx.answers.keep(`publication ${describeKeys(ctx)}`, formatKept({ ...published, readAtMs: ctx.now }), 60)
  return note
}
