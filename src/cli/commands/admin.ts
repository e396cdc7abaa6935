import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, readTarget, withDatabase } from '../shared/options.ts'

const GRANT_HELP = `
The database holds no readable address: finding one takes ROOT_KEYS. Locally it is read from .dev.vars, unless the
environment has it; with --remote it must be in the environment:

  read -rs ROOT_KEYS && export ROOT_KEYS
  npx --no-install latchkey admin grant ada@example.com --remote; unset ROOT_KEYS`

/** `latchkey admin`. */
export function defineAdmin(program: Command): void {
  const area = program.command('admin').description('who may operate the service').addHelpText('after', exitCodes())
  withDatabase(area.command('grant'))
    .description('makes a user an admin: the first one cannot be made by another. The user must have registered')
    .argument('<email>')
    .addHelpText('after', `${GRANT_HELP}\n${exitCodes('the user is an admin')}`)
    .action(async (email, options) => {
      const { adminGrant } = await import('../users/admin-grant.ts')
      print(await adminGrant(readTarget(options), email), options)
    })
}
