import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { ProvenMethods } from '../core/assurance.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { findRelyingParty } from '../core/relying-party.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { issueTicket } from '../crypto/ticket.ts'
import { newChallenge } from '../crypto/webauthn-challenge.ts'
import type { OnSuccess } from '../sessions/start-session.ts'
import { encryptClients } from '../storage/database/event-details.ts'
import { recordEvents } from '../storage/database/outbox.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import {
  canUseFactor,
  factorState,
  hasStoredFactor,
  refusalFor,
  secondFactorsOf,
} from '../storage/database/second-factors.ts'
import { isUnchangedSince, type SignInAccount } from '../storage/database/sign-in-account.ts'
import { describeRequest } from './describe-passkey-request.ts'
import { describePasskeys, offeredPasskeys } from './passkey-descriptors.ts'
import type { enrolmentAskedView, secondFactorAskedView } from './sign-in-view.ts'

type Dependencies = Recording & { readonly ring: KeyRing } & Pick<Context, 'settings'>

/** What the client has to do before it gets a session. */
export type Asked =
  | { readonly kind: 'second-factor'; readonly view: View<typeof secondFactorAskedView> }
  | { readonly kind: 'enrolment'; readonly view: View<typeof enrolmentAskedView> }

/** Why nothing can be asked. */
export type NotAsked = 'changed_meanwhile' | 'second_factor_required'

interface FirstFactor {
  readonly key: DataKeyLookup
  readonly amr: ProvenMethods
  /** Time of the proof in Unix milliseconds. The session of the second step keeps it. */
  readonly authTimeMs: number
  readonly typed: string | undefined
  readonly onSuccess: OnSuccess
}

const factorMembers = (rpId: string) => {
  const owner = { userId: sql`u.id`, rpId } as const
  const { totp, recovery_codes } = secondFactorsOf(owner)
  return {
    has_totp: computed.flag(totp.isUsable),
    has_code: computed.flag(recovery_codes.isUsable),
    passkeys: offeredPasskeys(owner.userId, rpId),
    state: factorState(owner),
  } as const
}

/**
 * Asks for the second factor of an account whose first one was right, in one batch. No session is opened, and
 * nothing about it is stored in D1 or KV: the client keeps the sealed ticket. The batch ends the lockout of
 * the password. The request stays counted for its network until the second step, because it has cost a hash.
 *
 * An account that needs two factors and never had a second one has to add one. An account whose second
 * factors are all used up or locked does not: otherwise a stolen password could replace them. An operator can
 * reset them.
 */
export async function askSecondFactor(
  ctx: Dependencies,
  account: SignInAccount,
  first: FirstFactor,
): Promise<Asked | NotAsked> {
  const { key, onSuccess } = first
  const { id: userId } = account
  const isUnchanged = isUnchangedSince({ userId, epoch: account.securityEpoch })
  const whereUnchanged = (condition: SQL) => sql`EXISTS (SELECT 1 FROM users u WHERE ${isUnchanged} AND ${condition})`
  const relyingParty = findRelyingParty(ctx.settings)
  const rpId = relyingParty?.id ?? ''
  const members = factorMembers(rpId)
  const [asked, enrolment] = await encryptClients(ctx, key, { owner: userId, count: 2 })
  const {
    factors: [found],
  } = await ctx.db.batch({
    factors: withRows(members, sql`SELECT ${columnsOf(members)} FROM users u WHERE ${isUnchanged}`),
    recorded: recordEvents(ctx, [
      [
        { action: 'user.second_factor_asked', outcome: 'success', subjectId: userId },
        { pii: asked, onlyIf: whereUnchanged(canUseFactor({ userId, rpId })) },
      ],
      [
        { action: 'user.enrolment_asked', outcome: 'success', subjectId: userId },
        { pii: enrolment, onlyIf: whereUnchanged(sql`NOT ${hasStoredFactor(userId)}`) },
      ],
    ]),
    takenBack: onSuccess(sql`false`),
  })
  if (found === undefined) return 'changed_meanwhile'
  const refusal = refusalFor(found.state)
  if (refusal === 'factor_enrolment_required')
    return { kind: 'enrolment', view: await showEnrolment(ctx, account, first) }
  if (refusal !== undefined) return refusal
  const methods = [
    ...(found.passkeys.length > 0 ? ['passkey' as const] : []),
    ...(found.has_totp ? ['totp' as const] : []),
    ...(found.has_code ? ['recovery_code' as const] : []),
  ]
  const challenge = found.passkeys.length > 0 ? newChallenge() : undefined
  const content = { ...firstStepOf(account, first), ...(challenge !== undefined && { challenge }) }
  const { ticket, expiresIn } = await issueTicket(ctx, 'mfa', content)
  const view = { mfa_required: true, mfa_token: ticket, expires_in: expiresIn, methods } as const
  if (challenge === undefined || relyingParty === undefined) return { kind: 'second-factor', view }
  // The first factor is proven, so possession is enough.
  const request = describeRequest({
    challenge,
    relyingParty,
    userVerification: 'discouraged',
    expiresIn,
    passkeys: await describePasskeys(found.passkeys, { userId, lookup: key }),
  })
  return { kind: 'second-factor', view: { ...view, public_key: request } }
}

async function showEnrolment(
  ctx: Dependencies,
  account: SignInAccount,
  first: FirstFactor,
): Promise<View<typeof enrolmentAskedView>> {
  const content = { ...firstStepOf(account, first), by: 'sign-in' } as const
  const { ticket, expiresIn } = await issueTicket(ctx, 'enrol', content)
  return {
    enrolment_required: true,
    enrolment_token: ticket,
    expires_in: expiresIn,
    methods: findRelyingParty(ctx.settings) === undefined ? ['totp'] : ['passkey', 'totp'],
  }
}

/** What both kinds of tickets hold: whose first factor was right, and when. */
const firstStepOf = ({ id: userId, securityEpoch: epoch }: SignInAccount, { amr, authTimeMs, typed }: FirstFactor) => ({
  userId,
  amr,
  authTimeMs,
  epoch,
  ...(typed !== undefined && { typed }),
})
