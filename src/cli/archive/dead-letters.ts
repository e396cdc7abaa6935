/** Messages that a queue gave up on: counts them, and sends the audit events and mails among them again. */
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, requestRuns } from '../shared/d1.ts'
import { triggerCron } from '../shared/trigger-cron.ts'

const LIST = `
  SELECT queue, count(*) AS letters, datetime(min(received_at) / 1000, 'unixepoch') AS oldest_utc,
    sum(replayed_at IS NULL) AS waiting
  FROM dead_letters GROUP BY queue`

/** Counts the messages by queue. */
export async function deadLettersList(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [LIST])
  return { document: { dead_letters: rows }, words: [rows] }
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
