import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context, Recording } from '../../../context.ts'
import { requireKey } from '../../../core/data-key.ts'
import { AppError } from '../../../core/errors.ts'
import type { UserId } from '../../../core/ids.ts'
import { CiphertextError } from '../../../crypto/field-cipher.ts'
import type { KeyRing } from '../../../crypto/key-ring.ts'
import { readOneTimeToken } from '../../../crypto/one-time-token.ts'
import { encryptClient } from '../../../storage/database/event-details.ts'
import {
  askingSessionLives,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../../storage/database/live-session.ts'
import { isIdentityOfFlow, useCode, usedCode } from '../../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../../storage/database/outbox-mail.ts'
import { hasEveryRootKey, refuseWithoutRootKeys, selectMissingRootKeys } from '../../../storage/database/root-keys.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { loginExists, loginId, openSubject, sealSubject } from '../../../storage/database/social-logins.ts'
import { insertInto, onConflict } from '../../../storage/database/writes.ts'
import { oauthFlows, socialLogins, users } from '../../../storage/schema/index.ts'
import { type Identity, showIdentity } from './identity-view.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'locale'>

const linkedFlow = { provider: oauthFlows.provider, provider_id_enc: oauthFlows.providerIdEnc } as const
const verifiedUser = { id: users.id } as const

interface LinkCode {
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Links the identity to which a code is bound. This takes three things: the code, which the provider's
 * redirect gave to the browser; the PKCE verifier, which only the application that started the flow has; and
 * a session of the user who requested the ticket. The session that requested the ticket must be live as well.
 * So a person can neither link their identity to another person's account nor link another person's identity
 * to their own. An unproven address may belong to another person, so an account with an unverified address
 * cannot link.
 * @throws AppError `invalid_access_token`, `invalid_token`, `email_unverified`, `identity_taken`,
 * `unavailable`; `misconfigured` while a root key is missing
 */
export async function linkIdentity(ctx: Dependencies, ref: SessionRef, input: LinkCode): Promise<Identity> {
  const { db, now } = ctx
  const { userId } = ref
  const flowId = await readOneTimeToken(ctx.ring, 'code', input.code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const [lookup, flow, codeChallenge] = await Promise.all([
    ctx.vault.find(userId),
    db.first(
      withRows(
        linkedFlow,
        sql`SELECT ${columnsOf(linkedFlow)} FROM oauth_flows WHERE id = ${flowId} AND user_id = ${userId}`,
      ),
    ),
    calculatePKCECodeChallenge(input.codeVerifier),
  ])
  if (flow === undefined || flow.provider_id_enc === null) throw new AppError('invalid_token')
  const key = requireKey(lookup)
  const { provider } = flow
  const subject = await openFlowSubject(key, { flowId, userId }, flow.provider_id_enc)
  const [id, nonce] = [crypto.randomUUID(), crypto.randomUUID()]
  const [subjectEnc, pii, payload] = await Promise.all([
    sealSubject(key, { table: 'social_logins', id, userId }, subject),
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client, provider } }),
  ])
  const detail = { identity_id: id, provider, by: 'owner' } as const
  const verified = sql`SELECT ${columnsOf(verifiedUser)} FROM users WHERE id = ${userId} AND is_verified = 1`
  const mayLink = sql`user_id = ${userId} AND EXISTS (${verified}) AND ${whereSessionLives(ref, now)}
    AND ${askingSessionLives('oauth_flows', now)}`
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    verified: withRows(verifiedUser, verified),
    used: useCode({ flowId, codeChallenge, now, nonce }, usedCode, mayLink),
    linked: insertIdentityOfFlow(ctx.ring, { id, subjectEnc, nonce, now }),
    recorded: recordEvent(
      ctx,
      { action: 'identity.linked', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: loginExists(id) },
    ),
    told: orderMail(ctx, { template: 'identity-linked', userId, payload, onlyIf: loginExists(id) }),
    missing: selectMissingRootKeys(ctx.ring),
  })
  if (answers.live.length === 0) throw new AppError('invalid_access_token')
  if (answers.verified.length === 0) throw new AppError('email_unverified')
  if (answers.used.length === 0) throw new AppError('invalid_token')
  refuseWithoutRootKeys(answers.missing)
  if (answers.linked.length === 0) throw new AppError('identity_taken')
  return showIdentity({ id, provider, linked_at: now })
}

/** @throws AppError `invalid_token` if the ciphertext was altered or moved */
async function openFlowSubject(
  key: CryptoKey,
  { flowId, userId }: { readonly flowId: string; readonly userId: UserId },
  stored: string,
): Promise<string> {
  try {
    return await openSubject(key, { table: 'oauth_flows', id: flowId, userId }, stored)
  } catch (error) {
    throw error instanceof CiphertextError ? new AppError('invalid_token') : error
  }
}

interface NewLink {
  /** UUID v4. */
  readonly id: string
  /** The subject of the flow, encrypted for the row of the link. */
  readonly subjectEnc: string
  /** Nonce of the request that exchanged the code. */
  readonly nonce: string
  readonly now: number
}

/**
 * Links the identity of the flow whose code the request with this nonce exchanged, unless the identity is
 * linked to an account already.
 */
function insertIdentityOfFlow(ring: KeyRing, { id, subjectEnc, nonce, now }: NewLink) {
  const insertion = insertInto(
    socialLogins,
    {
      id,
      user_id: oauthFlows.userId,
      provider: oauthFlows.provider,
      provider_id_index: sql`json_extract(${oauthFlows.identityIndexes}, '$[0]')`,
      provider_id_enc: subjectEnc,
      linked_at: now,
    },
    {
      from: sql`${oauthFlows}`,
      onlyIf: sql`nonce = ${nonce} AND NOT EXISTS (SELECT 1 FROM social_logins WHERE ${isIdentityOfFlow})
        AND ${hasEveryRootKey(ring)}`,
    },
  )
  return withRows(
    loginId,
    sql`${insertion} ${onConflict([socialLogins.provider, socialLogins.providerIdIndex])} RETURNING ${columnsOf(loginId)}`,
  )
}
