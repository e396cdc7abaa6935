import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../keys/vault.ts')

/** `latchkey vault`. */
export function defineVault(program: Command): void {
  const area = program
    .command('vault')
    .description('the vault and its mirror (VAULT_MIRROR): docs/keys.md has the drill')
    .addHelpText('after', exitCodes())
  withWaking(area.command('compare'))
    .description('asks the Worker to hold the mirror against the vault now; it does so daily')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultCompare(readTarget(options), options.url), options)
    })
  withWaking(area.command('restore'))
    .description('asks the Worker to bring back from the mirror what the vault has lost')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultRestore(readTarget(options), options.url), options)
    })
  withDatabaseAlone(area.command('status'))
    .description('what the last runs of both found and did')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).vaultStatus(readTarget(options)), options)
    })
}
