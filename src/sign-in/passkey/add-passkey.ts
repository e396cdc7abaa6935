import type { Context, Recording, TokenIssuing } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { openTicket, type Tickets } from '../../crypto/ticket.ts'
import type { RegistrationResponse } from '../../crypto/webauthn/responses.ts'
import { type RegisteredCredential, verifyRegistration } from '../../crypto/webauthn/verify-registration.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { spendChallenge } from '../../storage/database/spent-tickets.ts'
import { passkeyAlgorithms } from './describe-creation.ts'
import type { PasskeyAdded } from './passkey-views.ts'
import { storePasskey } from './store-passkey.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface AddedPasskey {
  /** From `offerPasskey`. */
  readonly ticket: string
  readonly response: RegistrationResponse
  /** The name that the owner gives it. */
  readonly label: string | undefined
  /** Undefined: a security key turns two-step sign-in on, a passkey does not. */
  readonly turnsTwoStepOn: boolean | undefined
}

/**
 * Adds a passkey or a security key to the account of the signed-in user. The challenge is used up before the
 * answer is verified, whatever the outcome, so there are two waits. Everything about the key is read from the
 * authenticator data (WebAuthn section 7.1). Any attestation is ignored: a registration therefore proves
 * nothing about who made it, and that is why it needs a recent sign-in and the owner is mailed.
 * @throws AppError `invalid_access_token`, `step_up_required`, `validation_failed` (any failed check, and a
 * ticket that is expired, used, or of another user or session), `passkey_known`, `passkey_limit`,
 * `unavailable`, `misconfigured`
 */
export async function addPasskey(ctx: Dependencies, ref: SessionRef, input: AddedPasskey): Promise<PasskeyAdded> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const relyingParty = requireRelyingParty(ctx.settings)
  const opened = await openTicket(ctx.ring, 'passkey-add', input.ticket, now)
  const ticket = opened?.userId === userId && opened.sessionId === sessionId ? opened : undefined
  const [{ live, spent }, lookup] = await Promise.all([
    db.batch({
      live: selectLiveSession(ref, now),
      spent: ticket && spendChallenge(ticket, whereSessionLives(ref, now)),
    }),
    ctx.vault.find(userId),
  ])
  requireLive(ref, live[0], now)
  if (ticket === undefined || spent.length === 0) throw notAccepted()
  const key = requireKey(lookup)
  const registered = await verifyRegistration(input.response, {
    challenge: ticket.challenge,
    origins: relyingParty.origins,
    rpId: relyingParty.id,
    needsUserPresence: !ticket.isConditional,
    needsUserVerification: ticket.kind === 'passkey' && !ticket.isConditional,
    algorithms: passkeyAlgorithms,
  })
  if (!registered.ok) throw notAccepted()
  return storePasskey(ctx, ref, {
    key,
    rpId: relyingParty.id,
    registered,
    isDiscoverable: isDiscoverable(ticket, input.response),
    isUvInitialized: isFirstFactor(ticket, registered),
    label: input.label,
    turnsTwoStepOn: input.turnsTwoStepOn ?? ticket.kind === 'security_key',
  })
}

/** One error for every reason, because the client learns none of them. */
export const notAccepted = () =>
  new AppError('validation_failed', { errors: [{ pointer: '/credential', detail: 'is not accepted' }] })

/** A browser may not say it. Then the options decide. A security key is not found, so that it stays one. */
const isDiscoverable = ({ kind }: Tickets['passkey-add'], { clientExtensionResults }: RegistrationResponse): boolean =>
  kind === 'passkey' && clientExtensionResults?.credProps?.rk !== false

/** A security key is a second factor, even if it has verified its user this time. */
const isFirstFactor = ({ kind }: Tickets['passkey-add'], { isUserVerified }: RegisteredCredential): boolean =>
  kind === 'passkey' && isUserVerified
