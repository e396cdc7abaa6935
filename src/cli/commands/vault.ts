import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../keys/vault.ts')

/** `latchkey vault`. */
export function defineVault(program: Command): void {
  const area = program
    .command('vault')
    .description('compares the vault with its mirror (VAULT_MIRROR), and restores it: docs/keys.md')
    .addHelpText('after', exitCodes())
  withWaking(area.command('compare'))
    .description('asks the Worker to compare the mirror with the vault now, which it also does daily')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultCompare(readTarget(options), options.url), options)
    })
  withWaking(area.command('restore'))
    .description('asks the Worker to restore keys that the vault has lost from the mirror')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultRestore(readTarget(options), options.url), options)
    })
  withDatabaseAlone(area.command('status'))
    .description('shows the results of the last comparison and the last restore')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultStatus(readTarget(options)), options)
    })
}
