import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, withOperator } from '../shared/options.ts'

const IMPORT_HELP = `
FILE is NDJSON in UTF-8, one user a line; all of it is looked through before any is sent. docs/user-import-export.md describes the
lines and where to get them. Beside it are written, for its owner's eyes alone:

  FILE.import   which import this is; run the same command again to go on after an interruption
  FILE.ids      NDJSON: the new id of the user of each line; after an interruption some come twice
  FILE.refused  NDJSON: the lines that were refused, and why
`

const EXPORT_HELP = `
FILE becomes NDJSON, one user a line, for its owner's eyes alone. FILE.place says how far it is: run the same command
again to go on after an interruption. docs/user-import-export.md describes the lines.
`

/** `latchkey users`. */
export function defineUsers(program: Command): void {
  const area = program
    .command('users')
    .description('moving in from another system, and out again: docs/user-import-export.md')
    .addHelpText('after', exitCodes())
  withOperator(area.command('import'))
    .description('takes over the users of another system')
    .argument('<file>')
    .addHelpText(
      'after',
      IMPORT_HELP + exitCodes('every line was taken over', 'it could not be done, or lines were refused'),
    )
    .action(async (file, options) => {
      const { usersImport } = await import('../users/users-import.ts')
      print(await usersImport(file, options), options)
    })
  withOperator(area.command('export'))
    .description('writes all users to a file, unmasked: for leaving again. It is recorded in the trail of each of them')
    .argument('<file>')
    .option('--with-password-hashes', 'also the password hashes, which take the pepper to be of any use')
    .addHelpText('after', EXPORT_HELP + exitCodes('everybody is in the file'))
    .action(async (file, options) => {
      const { usersExport } = await import('../users/users-export.ts')
      print(await usersExport(file, options), options)
    })
}
