import { env } from 'cloudflare:workers'
import type { SignedTree } from '../../src/compliance/archive/format/signed-tree.ts'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { appendDigests, EMPTY_EDGE, type FullTile, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { formatNote, signBody } from '../../src/tlog/note.ts'
import { jobContext } from './job-context.ts'

export interface MadeTree extends SignedTree {
  /** Its full tiles and bundles. */
  readonly full: readonly FullTile[]
}

/** A tree of invented lines, whose checkpoint this service signs. */
export async function makeTree(size: number, using: Env = env): Promise<MadeTree> {
  const digests = Array.from({ length: size }, (_, i) => digestOfLine(`line ${i}`))
  const { edge, full } = appendDigests(EMPTY_EDGE, digests)
  const ctx = await jobContext(Date.now(), using)
  const origin = originOf(ctx.settings)
  const { signers } = await deriveLogKeys(ctx, origin)
  const body = formatTreeHead({ origin, size, root: rootOfEdge(edge) })
  const signatures = await Promise.all(signers.map((signer) => signBody(body, signer)))
  return { edge, full, note: formatNote({ body, signatures }) }
}
