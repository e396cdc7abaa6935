import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, readTarget, withDatabase, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../keys/keys.ts')

/** `latchkey keys`. */
export function defineKeys(program: Command): void {
  const area = program
    .command('keys')
    .description('shows the progress of a rotation of ROOT_KEYS, and finishes it: docs/keys.md')
    .addHelpText('after', exitCodes())
  withDatabaseAlone(area.command('status'))
    .description('counts what is under each root key version, and shows the newest runs of the jobs')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysShow(readTarget(options)), options)
    })
  withWaking(area.command('rotate'))
    .description('asks the Worker to move everything to the newest root key now, which it also does daily')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysRotate(readTarget(options), options.url), options)
    })
  definePasswords(area)
  withDatabase(area.command('endorse'))
    .description(
      'lists the public keys in the archive that the service does not publish, and endorses those that are named, ' +
        'with the newest root key. Needs ROOT_KEYS: of .dev.vars, or for --remote of the environment',
    )
    .argument('[thumbprint...]', 'keys to endorse: what they signed can then be verified')
    .addHelpText('after', exitCodes())
    .action(async (thumbprints, options) => {
      const { keysEndorse } = await import('../keys/endorse.ts')
      print(await keysEndorse(readTarget(options), thumbprints), options)
    })
  withDatabaseAlone(area.command('forget'))
    .description('declares a root key lost, so that the service stops waiting for it. Its data stays unreadable')
    .argument('<version>')
    .addHelpText('after', exitCodes())
    .action(async (version, options) => {
      print(await (await load()).keysForget(readTarget(options), version), options)
    })
}

function definePasswords(area: Command): void {
  withDatabaseAlone(area.command('old-passwords'))
    .description('counts users by the pepper of their password hash')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysOldPasswords(readTarget(options)), options)
    })
  withWaking(area.command('retire-passwords'))
    .description(
      'asks the Worker to delete every password whose hash is under an old pepper. Its owner has not signed in since ' +
        'the rotation, and must reset the password by mail',
    )
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysRetirePasswords(readTarget(options), options.url), options)
    })
}
