import { Command } from '@commander-js/extra-typings'
import project from '../../package.json' with { type: 'json' }
import { defineAdmin } from './commands/admin.ts'
import { defineAudit } from './commands/audit.ts'
import { defineDeadLetters } from './commands/dead-letters.ts'
import { defineDemo } from './commands/demo.ts'
import { defineDev } from './commands/dev.ts'
import { defineErasures } from './commands/erasures.ts'
import { defineKeys } from './commands/keys.ts'
import { defineReceipt } from './commands/receipt.ts'
import { defineUsers } from './commands/users.ts'
import { defineVault } from './commands/vault.ts'
import { exitCodes } from './shared/options.ts'

/**
 * Defines all commands. Only options and help are defined here. The code of a command is loaded when it runs,
 * so that `--help` answers at once.
 */
export function newProgram(): Command {
  const program = new Command('latchkey')
    .description('Runs and operates Latchkey. Without --remote a command works on this machine.')
    .version(project.version, '--version')
    .enablePositionalOptions()
    .exitOverride()
    // The caller prints errors.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', exitCodes())
  const defineAll = [
    defineDev,
    defineDemo,
    defineAdmin,
    defineUsers,
    defineErasures,
    defineDeadLetters,
    defineKeys,
    defineVault,
    defineAudit,
    defineReceipt,
  ]
  for (const define of defineAll) define(program)
  return program
}
