import type { Context } from '../../../context.ts'
import type { AlarmFindings } from '../../../core/alarm.ts'
import { DAY_MS } from '../../../core/time.ts'
import { readPublication } from './publication.ts'

type Dependencies = Pick<Context, 'receipts' | 'settings' | 'vaultStatements' | 'now'>

/**
 * Checks whether a checkpoint of the log met the quorum of the witnesses within a day. Before the first one,
 * the alarm does not wait for a day: then most likely a witness does not know the log yet.
 * @throws TimeLimitError
 */
export async function checkQuorum(ctx: Dependencies): Promise<Pick<AlarmFindings, 'quorum_missed'>> {
  if (ctx.settings.WITNESSES === undefined) return { quorum_missed: false }
  const { publication } = await readPublication(ctx)
  if (publication === undefined) return { quorum_missed: undefined }
  return { quorum_missed: (publication.log?.cosignedAtMs ?? 0) < ctx.now - DAY_MS }
}
