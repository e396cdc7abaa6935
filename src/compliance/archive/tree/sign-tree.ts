import type { Context } from '../../../context.ts'
import { formatTreeHead } from '../../../tlog/checkpoint.ts'
import { type Edge, rootOfEdge } from '../../../tlog/edge.ts'
import { formatNote, signBody } from '../../../tlog/note.ts'
import { deriveLogKeys } from '../keys/log-keys.ts'
import type { BelievedTree } from './tree-state.ts'

type SignedHead = Pick<BelievedTree, 'head' | 'note' | 'isSignedByAll'>

/** Signs a tree with every trusted root key version. */
export async function signTree(ctx: Pick<Context, 'ring'>, origin: string, edge: Edge): Promise<SignedHead> {
  const { signers } = await deriveLogKeys(ctx, origin)
  const head = { origin, size: edge.size, root: rootOfEdge(edge) }
  const body = formatTreeHead(head)
  const signatures = await Promise.all(signers.map((signer) => signBody(body, signer)))
  return { head, note: formatNote({ body, signatures }), isSignedByAll: true }
}
