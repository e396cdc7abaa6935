import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, withOperator } from '../shared/options.ts'

const IMPORT_HELP = `
FILE is NDJSON in UTF-8 with one user a line. All of it is checked before the first line is sent.
docs/user-import-export.md describes the lines and how to get them from other systems. The command writes these
files, which only their owner can read:

  FILE.import   the id of the import; run the same command again to continue after an interruption
  FILE.ids      NDJSON: the new user id of each line; after an interruption some lines occur twice
  FILE.refused  NDJSON: the lines that were refused, and why
`

const EXPORT_HELP = `
FILE becomes NDJSON with one user a line, and only its owner can read it. FILE.place saves the progress: run the same
command again to continue after an interruption. docs/user-import-export.md describes the lines.
`

/** `latchkey users`. */
export function defineUsers(program: Command): void {
  const area = program
    .command('users')
    .description('imports users from another system, and exports them: docs/user-import-export.md')
    .addHelpText('after', exitCodes())
  withOperator(area.command('import'))
    .description('imports the users of another system')
    .argument('<file>')
    .addHelpText(
      'after',
      IMPORT_HELP + exitCodes('every line was imported', 'it could not be done, or lines were refused'),
    )
    .action(async (file, options) => {
      const { usersImport } = await import('../users/users-import.ts')
      print(await usersImport(file, options), options)
    })
  withOperator(area.command('export'))
    .description('writes all users to a file, unmasked, to move to another system. Each user gets an audit event')
    .argument('<file>')
    .option('--with-password-hashes', 'also writes password hashes, which can only be checked with the pepper')
    .option('--with-factors', 'also writes the secrets of authenticator apps: whoever has the file can make codes')
    .addHelpText('after', EXPORT_HELP + exitCodes('all users are in the file'))
    .action(async (file, options) => {
      const { usersExport } = await import('../users/users-export.ts')
      print(await usersExport(file, options), options)
    })
}
