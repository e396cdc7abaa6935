/** Messages that a queue gave up on: what they are, and sending the audit events and mails among them again. */
import type { Answer } from './answer.ts'
import { type D1Target, executeSql, requestRuns } from './d1.ts'
import { wake } from './wake.ts'

const LIST = `
  SELECT queue, count(*) AS letters, datetime(min(received_at) / 1000, 'unixepoch') AS oldest_utc,
    sum(replayed_at IS NULL) AS waiting
  FROM dead_letters GROUP BY queue`

/** How many there are, by queue. */
export async function listDeadLetters(target: D1Target): Promise<Answer> {
  const [rows = []] = await executeSql(target, [LIST])
  return { document: { dead_letters: rows }, words: [rows] }
}

/** Asks the Worker to send them again. @param url the local service to wake */
export async function replayDeadLetters(target: D1Target, url: string): Promise<Answer> {
  await requestRuns(target, 'replay-dead-letters')
  if (!target.remote && (await wake(url))) return await listDeadLetters(target)
  return {
    document: { requested: ['replay-dead-letters'] },
    words: [
      'A replay was asked for. The Worker begins within five minutes; see: npx --no-install latchkey dead-letters list',
    ],
  }
}
