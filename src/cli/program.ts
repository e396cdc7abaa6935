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
 * The tree of commands. Only options and help are defined here: what a command does is loaded when it runs,
 * so that `--help` answers at once.
 */
export function newProgram(): Command {
  const program = new Command('latchkey')
    .description('Runs and looks after a deployment of Latchkey. Without --remote it works on this machine.')
    .version(project.version, '--version')
    .enablePositionalOptions()
    .exitOverride()
    // Errors are printed once, by the caller.
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
