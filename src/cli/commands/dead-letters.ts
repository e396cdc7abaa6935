import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

const ARCHIVE_HELP = `
The command checks the seal of the event and permits it to be late, with ROOT_KEYS. On this machine it is read from the
environment or from .dev.vars. With --remote it must be in the environment, and the command refuses without it.`

/** `latchkey dead-letters`. */
export function defineDeadLetters(program: Command): void {
  const area = program
    .command('dead-letters')
    .description('lists messages that a queue gave up on and events that the archive refused, and sends them again')
    .addHelpText('after', exitCodes())
  withDatabaseAlone(area.command('list'))
    .description('counts the messages by queue and reason, and lists the newest refused events')
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
  withWaking(area.command('archive'))
    .description('archives an event that was refused because it is too old, marked as late')
    .argument('<id>', 'as `dead-letters list` names it')
    .addHelpText('after', `${ARCHIVE_HELP}\n${exitCodes()}`)
    .action(async (id, options) => {
      const { deadLettersArchive } = await import('../archive/dead-letters.ts')
      print(await deadLettersArchive(readTarget(options), id, options.url), options)
    })
  withDatabaseAlone(area.command('settle'))
    .description('settles refused events that you have looked at: one by its id, or all')
    .argument('[id]', 'as `dead-letters list` names it')
    .addHelpText('after', exitCodes())
    .action(async (id, options) => {
      const { deadLettersSettle } = await import('../archive/dead-letters.ts')
      print(await deadLettersSettle(readTarget(options), id), options)
    })
}
