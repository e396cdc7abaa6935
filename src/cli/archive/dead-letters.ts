/**
 * Messages that a queue gave up on, and events that the archive refused: counts them, sends messages again,
 * and settles refused events.
 */
import { eventMessageSchema } from '../../compliance/archive/events/event-message.ts'
import { tryStored } from '../../core/json.ts'
import { DAY_MS } from '../../core/time.ts'
import { isSealed, permitLate } from '../../crypto/event-seal.ts'
import { openRing } from '../dev/open-ring.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, requestRuns } from '../shared/d1.ts'
import { triggerCron } from '../shared/trigger-cron.ts'
import { COUNT_LETTERS, findOldEvent, LIST_REFUSED, permitEvent, settleEvents } from './letter-queries.ts'

/** Counts the messages by queue and reason, and lists the newest events that the archive refused. */
export async function deadLettersList(target: D1Target): Promise<CommandResult> {
  const [rows = [], refused = []] = await executeSql(target, [COUNT_LETTERS, LIST_REFUSED])
  return { document: { dead_letters: rows, refused }, words: refused.length === 0 ? [rows] : [rows, refused] }
}

/** Asks the Worker to send them again. @param url the local service to trigger */
export async function deadLettersReplay(target: D1Target, url: string): Promise<CommandResult> {
  await requestRuns(target, 'replay-dead-letters')
  if (!target.remote && (await triggerCron(url))) return await deadLettersList(target)
  return {
    document: { requested: ['replay-dead-letters'] },
    words: ['The Worker sends them again within five minutes. See: npx --no-install latchkey dead-letters list'],
  }
}

/** An operator's permission ends after so long. The message is sent within minutes. */
const PERMITTED_MS = 14 * DAY_MS

/**
 * Archives an event that was refused because it is too old. Its line in the archive says that it is late.
 * @param url the local service to trigger
 * @throws Error when no event of this service waits under this id
 */
export async function deadLettersArchive(target: D1Target, id: string, url: string): Promise<CommandResult> {
  const ring = await openRing(target)
  const [rows = []] = await executeSql(target, [findOldEvent(id)])
  const body = rows[0]?.body
  const event = typeof body === 'string' ? tryStored(eventMessageSchema, body) : undefined
  if (event === undefined) throw new Error('no event that is too old has this id.')
  if (!isSealed(ring, event)) throw new Error('this service did not write the event.')
  const permitted = JSON.stringify({ ...event, late: permitLate(ring, event, Date.now() + PERMITTED_MS) })
  await executeSql(target, [permitEvent(id, permitted)])
  return await deadLettersReplay(target, url)
}

/**
 * Settles refused events: an operator has looked at them. They are deleted with the next expired rows.
 * @param id one of them, or undefined for all
 */
export async function deadLettersSettle(target: D1Target, id: string | undefined): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [settleEvents(id)])
  if (id !== undefined && rows.length === 0) throw new Error('no refused event has this id.')
  return { document: { settled: rows.length }, words: [`${rows.length} refused events were settled.`] }
}
