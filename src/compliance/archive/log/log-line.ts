import { newTimeOrderedId } from '../../../core/ids.ts'
import { newNonce } from '../../../crypto/pseudonym.ts'
import type { EventLine } from '../lines/to-lines.ts'

/** What the archive says about itself. Such a line has no row; the signature of its segment covers it. */
export type LogAction = 'log.started' | 'log.key_changed' | 'log.key_distrusted'

/** Makes a line about the archive itself. @param now Unix milliseconds */
export const logLine = (now: number, action: LogAction, detail: object): EventLine => ({
  id: newTimeOrderedId(now),
  occurred_at: now,
  action,
  outcome: 'success',
  actor_type: 'system',
  actor_id: null,
  subject_id: null,
  request_id: newNonce(),
  detail: JSON.stringify(detail),
  note_enc: null,
  nonce: newNonce(),
})
