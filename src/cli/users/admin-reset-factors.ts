/** Lets a person in again who has lost their second factors, when no operator can. */

import { TICKET_MINUTES } from '../../core/lifetimes.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { createSealEvent } from '../../crypto/event-seal.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { issueTicket } from '../../crypto/ticket.ts'
import { parseEmailAddress } from '../../identity/email/email-address.ts'
import { openRing } from '../dev/open-ring.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSteps } from '../shared/d1.ts'
import { UsageError } from '../shared/usage-error.ts'
import { factorResetSteps } from './factor-reset-queries.ts'

/**
 * Removes the second factors of the account with this address at once, ends its sessions, and makes a token
 * with which the person adds a new factor, without a session and without the mailbox. With `twoStepOff`, the
 * first factor alone signs in, until a rule requires two again.
 * @throws UsageError when it is not an address
 * @throws Error when no active account has it
 */
export async function adminResetFactors(
  target: D1Target,
  address: string,
  { twoStepOff }: { readonly twoStepOff?: true | undefined },
): Promise<CommandResult> {
  const email = parseEmailAddress(address)
  if (email === undefined) throw new UsageError('Name one e-mail address.')
  const ring = await openRing(target)
  const indexes = await blindIndexes(ring, 'emailIndex', email.canonical)
  const {
    reset,
    found: [user],
  } = await executeSteps(target, factorResetSteps(createSealEvent(ring), indexes, twoStepOff))
  if (user === undefined) throw new Error('no account has this address in this database, with these ROOT_KEYS.')
  if (reset.length === 0) throw new Error(`the account is ${user.status}; only an active one can be reset.`)
  return twoStepOff ? answerOff(user.id) : answer(user.id, await makeToken(ring, user))
}

type User = Awaited<ReturnType<typeof executeSteps<ReturnType<typeof factorResetSteps>>>>['found'][number]

async function makeToken(ring: KeyRing, { id: userId, security_epoch: epoch }: User): Promise<string> {
  const content = { userId, amr: [], authTimeMs: 0, epoch, by: 'command' } as const
  const { ticket } = await issueTicket({ ring, now: Date.now() }, 'enrol', content)
  return ticket
}

const answerOff = (user_id: string): CommandResult => ({
  document: { user_id, two_step: 'off' },
  words: [
    `${user_id} has no second factor any more, and is signed out everywhere.`,
    'One factor is enough to sign in now. The person should add a second one at once, in the settings of the account.',
  ],
})

const answer = (user_id: string, enrolment_token: string): CommandResult => ({
  document: { user_id, enrolment_token, expires_in: TICKET_MINUTES.enrol * 60 },
  words: [
    `${user_id} has no second factor any more, and is signed out everywhere.`,
    `With this token, which works once within ${TICKET_MINUTES.enrol} minutes, the person adds a new one:`,
    enrolment_token,
  ],
})
