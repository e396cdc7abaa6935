/** Makes somebody an admin, without the API: the first admin cannot be made by another one. */
import { parseRootKeys } from '../config.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import { deriveKeyRing } from '../crypto/key-ring.ts'
import { parseEmailAddress } from '../identity/email-address.ts'
import { expectNoMore, PLACE_OPTIONS, readCommandLine, runCommand, say, UsageError } from './command-line.ts'
import { D1_HELP, type D1Target, executeSteps, readTarget } from './d1.ts'
import { devVarsPath } from './dev-options.ts'
import { readVariable } from './dev-vars.ts'
import { grantSteps } from './grant-queries.ts'

const HELP = `Makes a user an admin. The user must have registered; the role counts from the next request on.

  npm run admin:grant -- EMAIL [OPTIONS]

${D1_HELP}

The database holds no readable address: finding one takes ROOT_KEYS. Locally it is read from .dev.vars, unless the
environment has it; with --remote it must be in the environment:

  read -rs ROOT_KEYS && export ROOT_KEYS && npm run admin:grant -- ada@example.com --remote; unset ROOT_KEYS

Exit code 0: the user is an admin. 1: it could not be done. 2: wrong usage.`

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, PLACE_OPTIONS)
  const [text = '', ...others] = positionals
  expectNoMore(others)
  const email = parseEmailAddress(text)
  if (email === undefined) throw new UsageError('Name one e-mail address.')
  const target = readTarget(values)
  const ring = await deriveKeyRing(parseRootKeys(findRootKeys(target)))
  await grant(target, await blindIndexes(ring, 'emailIndex', email.canonical))
  return 0
}

/** A local key would find nobody in a deployed database, so it is not even tried. */
function findRootKeys({ remote, environment }: D1Target): string | undefined {
  const { ROOT_KEYS } = process.env
  if (ROOT_KEYS !== undefined || remote) return ROOT_KEYS
  return readVariable(devVarsPath({ configPath: undefined, environment }), 'ROOT_KEYS')
}

async function grant(target: D1Target, emailIndexes: readonly string[]): Promise<void> {
  const {
    granted,
    found: [user],
  } = await executeSteps(target, grantSteps(emailIndexes))
  if (user === undefined) throw new Error('no account has this address in this database, with these ROOT_KEYS.')
  if (granted.length === 1) return say(`${user.id} is an admin now.`)
  if (user.status === 'active') return say(`${user.id} was an admin already.`)
  throw new Error(`the account is ${user.status}; only an active one can become an admin.`)
}
