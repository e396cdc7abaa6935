import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

/** `latchkey dead-letters`. */
export function defineDeadLetters(program: Command): void {
  const area = program
    .command('dead-letters')
    .description('lists messages that a queue gave up on, and sends them again')
    .addHelpText('after', exitCodes())
  withDatabaseAlone(area.command('list'))
    .description('counts the messages by queue')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { deadLettersList } = await import('../archive/dead-letters.ts')
      print(await deadLettersList(readTarget(options)), options)
    })
  withWaking(area.command('replay'))
    .description(
      'asks the Worker to send the audit events and mails again: within five minutes, on this machine at once',
    )
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      const { deadLettersReplay } = await import('../archive/dead-letters.ts')
      print(await deadLettersReplay(readTarget(options), options.url), options)
    })
}
