import { env } from 'cloudflare:workers'
import { chooseLog } from '../../src/compliance/archive/checkpoint/choose-log.ts'
import { getCheckpoint } from '../../src/compliance/archive/checkpoint/get-checkpoint.ts'
import { readPublication, writePublication } from '../../src/compliance/archive/checkpoint/publication.ts'
import type { PublishedLog, SignedTree } from '../../src/compliance/archive/format/signed-tree.ts'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { appendDigests, EMPTY_EDGE, type FullTile, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { formatNote, signBody } from '../../src/tlog/note.ts'
import { type TileId, tilePath } from '../../src/tlog/tiles.ts'
import { jobContext } from './job-context.ts'

export interface MadeTree extends SignedTree {
  /** Its full tiles and bundles. */
  readonly full: readonly FullTile[]
}

/** A tree of invented lines, whose checkpoint this service signs. */
export async function makeTree(size: number, using: Env = env, words = 'line'): Promise<MadeTree> {
  const digests = Array.from({ length: size }, (_, i) => digestOfLine(`${words} ${i}`))
  const { edge, full } = appendDigests(EMPTY_EDGE, digests)
  const ctx = await jobContext(Date.now(), using)
  const origin = originOf(ctx.settings)
  const { signers } = await deriveLogKeys(ctx, origin)
  const body = formatTreeHead({ origin, size, root: rootOfEdge(edge) })
  const signatures = await Promise.all(signers.map((signer) => signBody(body, signer)))
  return { edge, full, note: formatNote({ body, signatures }) }
}

/** Where the archive has a full tile or bundle. */
export const placeOf = (tile: TileId): string => `log/${tilePath(tile)}`

/** Puts the full tiles and bundles of a tree where the service expects them. */
export async function storeTiles({ full }: MadeTree): Promise<void> {
  for (const { bytes, ...tile } of full) await env.ARCHIVE.put(placeOf(tile), bytes)
}

/** Publishes a log, as a run of the cron with these keys would. */
export async function publishTree(
  newest: SignedTree | undefined,
  { using = env, atMs = Date.now() }: { readonly using?: Env; readonly atMs?: number } = {},
): Promise<PublishedLog | undefined> {
  const ctx = await jobContext(atMs, using)
  const { publication, etag } = await readPublication(ctx)
  const log = await chooseLog(ctx, { before: publication?.log, newest })
  await writePublication(
    ctx,
    { publishedAtMs: ctx.now, view: await getCheckpoint(ctx, originOf(ctx.settings)), log },
    etag,
  )
  return log
}
