import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, readTarget, withDatabaseAlone, withWaking } from '../shared/options.ts'

const load = () => import('../keys/keys.ts')

/** `latchkey keys`. */
export function defineKeys(program: Command): void {
  const area = program
    .command('keys')
    .description('how far a rotation of ROOT_KEYS is, and what finishes it: docs/keys.md')
    .addHelpText('after', exitCodes())
  withDatabaseAlone(area.command('status'))
    .description('what stands under each root key version, and the newest runs of the jobs')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysShow(readTarget(options)), options)
    })
  withWaking(area.command('rotate'))
    .description('asks the Worker to move everything to the newest root key now; it does so daily by itself')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysRotate(readTarget(options), options.url), options)
    })
  definePasswords(area)
  withDatabaseAlone(area.command('forget'))
    .description(
      'declares a root key lost for good, so that the service stops waiting for it: its data stays unreadable',
    )
    .argument('<version>')
    .addHelpText('after', exitCodes())
    .action(async (version, options) => {
      print(await (await load()).keysForget(readTarget(options), version), options)
    })
}

function definePasswords(area: Command): void {
  withDatabaseAlone(area.command('old-passwords'))
    .description('how many people have a password hash under each pepper')
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysOldPasswords(readTarget(options)), options)
    })
  withWaking(area.command('retire-passwords'))
    .description(
      'asks the Worker to take the password from all whose hash is under an old pepper: they have not signed in since ' +
        'the rotation, and get a new one by mail',
    )
    .addHelpText('after', exitCodes())
    .action(async (options) => {
      print(await (await load()).keysRetirePasswords(readTarget(options), options.url), options)
    })
}
