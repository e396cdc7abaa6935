import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { provenByPasskey } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { openTicket, type Ticket } from '../../crypto/ticket.ts'
import type { RegistrationResponse } from '../../crypto/webauthn/responses.ts'
import { type EmailAddress, parseEmailAddress } from '../../identity/email/email-address.ts'
import { emailValues, sealEmail } from '../../identity/email/email-columns.ts'
import { recordConsent } from '../../identity/registration-consent.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { encryptClients } from '../../storage/database/event-details.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { isKnownCredential } from '../../storage/database/passkeys.ts'
import { encryptProfile, insertProfile } from '../../storage/database/profile-row.ts'
import { hasEveryRootKey, noteRootKeysInUse, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { type SignInAccount, selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import { isUnspent, spendChallenge, spendTicket } from '../../storage/database/spent-tickets.ts'
import { isFreeFor } from '../../storage/database/users.ts'
import { insertInto, onConflict } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { completeSignIn } from '../complete-sign-in.ts'
import type { SignIn } from '../describe-sign-in.ts'
import { requireMailSignIn } from '../require-mail-sign-in.ts'
import { insertPasskey, type NewPasskeyRow } from './insert-passkey.ts'
import { notAccepted, verifyNewPasskey } from './verify-new-passkey.ts'

type Dependencies = SessionDependencies & Limiting & Pick<Context, 'sessions'>

interface PasskeySignUp {
  /** Of a proven address. */
  readonly signUpToken: string
  /** From `offerFirstPasskey`. */
  readonly ticket: string
  readonly response: RegistrationResponse
  /** The name that the owner gives the passkey. */
  readonly label: string | undefined
}

/**
 * Creates an account without a password, with a proven address and its first passkey, in one batch, and signs
 * in. Before that nothing of the person is stored. A sign-up token creates one account; a failed ceremony
 * uses up its ticket alone.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off, `invalid_token`, `validation_failed` (any failed
 * check of the passkey), `email_taken`, `passkey_known`, `rate_limited`, `unavailable`, `misconfigured`
 */
export async function signUpWithPasskey(ctx: Dependencies, input: PasskeySignUp): Promise<SignIn> {
  requireMailSignIn(ctx)
  const { ring, now } = ctx
  const relyingParty = requireRelyingParty(ctx.settings)
  const [signUp, ticket, rateLimit] = await Promise.all([
    openTicket(ring, 'sign-up', input.signUpToken, now),
    openTicket(ring, 'passkey-sign-up', input.ticket, now),
    prepareRateLimit(ctx, 'one-time-token', {}),
  ])
  const email = signUp && parseEmailAddress(signUp.email)
  if (signUp === undefined || email === undefined || ticket?.signUpId !== signUp.id) throw new AppError('invalid_token')
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    spent: spendChallenge(ticket, sql`${rateLimit.isWithinLimit} AND ${isUnspent(signUp)}`),
  })
  const { counted, spent } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  if (spent.length === 0) throw new AppError('invalid_token')
  const verified = await verifyNewPasskey(
    relyingParty,
    { challenge: ticket.challenge, kind: 'passkey', isConditional: false },
    input.response,
  )
  if (verified === undefined) throw notAccepted()
  const { userId } = ticket
  const key = await ctx.vault.create(userId)
  const passkey = { id: crypto.randomUUID(), userId, key, rpId: relyingParty.id, ...verified, label: input.label }
  const account = await insertUser(ctx, { signUp, email, passkey })
  if (typeof account === 'string') {
    ctx.defer(ctx.vault.destroy([userId]).catch(() => undefined))
    throw new AppError(account)
  }
  const result = await completeSignIn(ctx, {
    account,
    pendingKey: Promise.resolve({ kind: 'found', key }),
    amr: provenByPasskey,
    passkeyId: passkey.id,
    typed: signUp.email,
    refusedAs: 'invalid_token',
  })
  // Never another question: the account is new, and a passkey is two factors.
  if (result.kind !== 'signed-in') throw new AppError('invalid_token')
  return result
}

interface NewUser {
  readonly signUp: Ticket<'sign-up'>
  readonly email: EmailAddress
  readonly passkey: NewPasskeyRow
}

const selectObstacles = ({ isFree, isKnown }: { readonly isFree: SQL; readonly isKnown: SQL }) => {
  const members = { is_free: computed.flag(isFree), is_known: computed.flag(isKnown) } as const
  return withRows(members, sql`SELECT ${columnsOf(members)}`)
}

/** @returns why nothing was inserted, or the new account */
async function insertUser(
  ctx: Dependencies,
  { signUp, passkey, ...user }: NewUser,
): Promise<SignInAccount | 'email_taken' | 'passkey_known' | 'invalid_token' | 'misconfigured'> {
  const { ring, now, db } = ctx
  const { id: passkeyId, userId, key, registered } = passkey
  const { profile, consents } = signUp
  const isInserted = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId})`
  const isKnown = isKnownCredential(registered.credentialId)
  const [email, sealed, insertion, [piiOfUser, piiOfPasskey, ...piiOfConsents]] = await Promise.all([
    sealEmail(ring, key, userId, user.email),
    encryptProfile(key, userId, profile),
    insertPasskey(ctx, passkey),
    encryptClients(ctx, { kind: 'found', key }, { owner: userId, count: 2 + consents.length }),
  ])
  const isFree = isFreeFor(email.indexes, { userId: sql`${userId}`, now })
  const newUser = insertInto(
    users,
    { id: userId, ...emailValues(email), is_verified: true, created_at: now },
    { onlyIf: sql`${isFree} AND NOT ${isKnown} AND ${isUnspent(signUp)} AND ${hasEveryRootKey(ring)}` },
  )
  const registration = { action: 'user.registered', outcome: 'success', subjectId: userId } as const
  const added = {
    action: 'passkey.added',
    outcome: 'success',
    subjectId: userId,
    detail: { passkey_id: passkeyId },
  } as const
  const answers = await db.batch({
    missing: selectMissingRootKeys(ring),
    before: selectObstacles({ isFree, isKnown }),
    inserted: sql`${newUser} ${onConflict([users.emailIndex])}`,
    passkey: insertion(isInserted),
    profile: insertProfile({ userId, sealed, now }, isInserted),
    recorded: recordEvent(ctx, registration, { pii: piiOfUser, onlyIf: isInserted }),
    added: recordEvent(ctx, added, { pii: piiOfPasskey, onlyIf: isInserted }),
    consents: consents.map((consent, i) => recordConsent(ctx, { userId, consent, pii: piiOfConsents[i], isInserted })),
    ticket: spendTicket(signUp, isInserted),
    rootKeys: noteRootKeysInUse(ring, now),
    accounts: selectSignInAccount(sql`u.id = ${userId}`, now),
  })
  const [row] = answers.accounts
  if (row !== undefined) return toSignInAccount(row)
  if (answers.missing.length > 0) return 'misconfigured'
  const [before] = answers.before
  if (before !== undefined && !before.is_free) return 'email_taken'
  return before?.is_known ? 'passkey_known' : 'invalid_token'
}
