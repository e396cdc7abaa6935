import type { Command } from '@commander-js/extra-typings'
import { print } from '../answer.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../options.ts'

/** `latchkey dead-letters`. */
export function defineDeadLetters(program: Command): void {
  const area = program
    .command('dead-letters')
    .description('messages that a queue gave up on')
    .addHelpText('after', exitCodes())
  withDatabaseAlone(area.command('list'))
    .description('how many there are, by queue')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { listDeadLetters } = await import('../dead-letters.ts')
      print(await listDeadLetters(readTarget(options)), options)
    })
  withWaking(area.command('replay'))
    .description(
      'asks the Worker to send the audit events and mails among them again: within five minutes, locally now',
    )
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { replayDeadLetters } = await import('../dead-letters.ts')
      print(await replayDeadLetters(readTarget(options), options.url), options)
    })
}
