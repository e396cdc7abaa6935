import type { Context } from '../../../context.ts'
import { readNotedTree } from '../../../tlog/checkpoint.ts'
import { formatNote, isCosignature, type SignatureLine, signBody } from '../../../tlog/note.ts'
import { deriveLogKeys } from '../keys/log-keys.ts'

/**
 * Signs a checkpoint of the log with the keys of all trusted root keys, in place of the signatures of the log
 * that it has. Cosignatures of witnesses stay. A checkpoint from before a rotation gets the signature of the
 * new key, also while the log does not grow.
 * @param text a note that this service has signed
 */
export async function signWithAll(ctx: Pick<Context, 'ring'>, text: string): Promise<string> {
  const noted = readNotedTree(text)
  if (noted === undefined) return text
  const { head } = noted
  const { body, signatures } = noted.note
  const { signers } = await deriveLogKeys(ctx, head.origin)
  const own = await Promise.all(signers.map((signer) => signBody(body, signer)))
  // A witness may have the name of the log. Its cosignature is longer than the signature of a log.
  const isOfOther = (line: SignatureLine) => line.name !== head.origin || isCosignature(line)
  return formatNote({ body, signatures: [...own, ...signatures.filter(isOfOther)] })
}
