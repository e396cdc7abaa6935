/** Makes a user an admin without the API, because the first admin cannot be made by another one. */

import { blindIndexes } from '../../crypto/blind-index.ts'
import { createSealEvent } from '../../crypto/event-seal.ts'
import { parseEmailAddress } from '../../identity/email/email-address.ts'
import { openRing } from '../dev/open-ring.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSteps } from '../shared/d1.ts'
import { UsageError } from '../shared/usage-error.ts'
import { grantSteps } from './grant-queries.ts'
import { readPolicy } from './read-policy.ts'

/**
 * Makes the user with this address an admin.
 * @throws UsageError when it is not an address
 * @throws Error when no active account has it
 */
export async function adminGrant(target: D1Target, address: string): Promise<CommandResult> {
  const email = parseEmailAddress(address)
  if (email === undefined) throw new UsageError('Name one e-mail address.')
  const policy = readPolicy(target)
  const ring = await openRing(target)
  const indexes = await blindIndexes(ring, 'emailIndex', email.canonical)
  return await grant(target, grantSteps(createSealEvent(ring), policy, indexes))
}

async function grant(target: D1Target, steps: ReturnType<typeof grantSteps>): Promise<CommandResult> {
  const {
    granted,
    found: [user],
  } = await executeSteps(target, steps)
  if (user === undefined) throw new Error('no account has this address in this database, with these ROOT_KEYS.')
  if (granted.length === 1) return answer(user.id, true, `${user.id} is an admin now.`)
  if (user.status === 'active') return answer(user.id, false, `${user.id} was an admin already.`)
  throw new Error(`the account is ${user.status}; only an active one can become an admin.`)
}

const answer = (user_id: string, is_new: boolean, word: string): CommandResult => ({
  document: { user_id, is_new },
  words: [word],
})
