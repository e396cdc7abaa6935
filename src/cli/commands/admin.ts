import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, readTarget, withDatabase } from '../shared/options.ts'

const GRANT_HELP = `
Addresses in the database are encrypted, so finding a user by address takes ROOT_KEYS. On this machine it is read
from the environment or from .dev.vars. With --remote it must be in the environment:

  read -rs ROOT_KEYS && export ROOT_KEYS
  npx --no-install latchkey admin grant ada@example.com --remote; unset ROOT_KEYS`

const RESET_HELP = `
For a person whom no operator can help: the only admin, or one of a service that sends no mail. It happens at once,
without the delay in which an owner can cancel an operator's reset. So check who asks.
${GRANT_HELP.replace('admin grant', 'admin reset-factors')}`

/** `latchkey admin`. */
export function defineAdmin(program: Command): void {
  const area = program
    .command('admin')
    .description('grants the role admin, and resets second factors')
    .addHelpText('after', exitCodes())
  withDatabase(area.command('grant'))
    .description('makes a registered user an admin. Only this command can make the first admin')
    .argument('<email>')
    .addHelpText('after', `${GRANT_HELP}\n${exitCodes('the user is an admin')}`)
    .action(async (email, options) => {
      const { adminGrant } = await import('../users/admin-grant.ts')
      print(await adminGrant(readTarget(options), email), options)
    })
  withDatabase(area.command('reset-factors'))
    .description('removes all second factors of an account, and prints a token for adding a new one')
    .argument('<email>')
    .option('--two-step-off', 'lets one factor alone sign in, instead of printing a token')
    .addHelpText('after', `${RESET_HELP}\n${exitCodes('the factors are removed')}`)
    .action(async (email, options) => {
      const { adminResetFactors } = await import('../users/admin-reset-factors.ts')
      print(await adminResetFactors(readTarget(options), email, options), options)
    })
}
