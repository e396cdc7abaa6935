import type { Publishing, Witnessing } from '../../../context.ts'
import { parseNote } from '../../../tlog/note.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import type { PublishedLog, SignedTree } from '../format/signed-tree.ts'
import { cosign } from '../witnesses/cosign.ts'
import { signWithAll } from './sign-with-all.ts'

/**
 * Chooses the checkpoint of the log to publish: the newest one, once witnesses have cosigned it as the policy
 * demands. Until then the published one stays. It also stays if the newest one contradicts it.
 * @param before the published one
 * @param newest undefined while the tree is built
 */
export async function chooseLog(
  ctx: Publishing & Witnessing,
  { before, newest }: { readonly before: PublishedLog | undefined; readonly newest: SignedTree | undefined },
): Promise<PublishedLog | undefined> {
  const kept = before && { ...before, note: await signWithAll(ctx, before.note) }
  // A tree that is built again is smaller than the published one for a while.
  if (newest === undefined || newest.edge.size < (kept?.edge.size ?? 0)) return kept
  if (kept !== undefined && newest.edge.size === kept.edge.size && bodyOf(newest.note) !== bodyOf(kept.note)) {
    await raiseAlarm(ctx, 'log_forked')
    return kept
  }
  const candidate = { note: await signWithAll(ctx, newest.note), edge: newest.edge }
  const { note, isMet } = await cosign(ctx, candidate, kept)
  return isMet ? { note, edge: newest.edge, cosignedAtMs: ctx.now } : kept
}

const bodyOf = (note: string): string | undefined => parseNote(note)?.body
