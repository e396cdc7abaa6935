import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context, Recording } from '../../../context.ts'
import { requireKey } from '../../../core/data-key.ts'
import { AppError } from '../../../core/errors.ts'
import type { KeyRing } from '../../../crypto/key-ring.ts'
import { readOneTimeToken } from '../../../crypto/one-time-token.ts'
import {
  askingSessionLives,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../../storage/database/live-session.ts'
import { isIdentityOfFlow, useCode } from '../../../storage/database/oauth-flows.ts'
import { encryptClient, recordEvent } from '../../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../../storage/database/outbox-mail.ts'
import { hasEveryRootKey, refuseWithoutRootKeys, selectMissingRootKeys } from '../../../storage/database/root-keys.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { loginExists, loginId } from '../../../storage/database/social-logins.ts'
import { insertInto, onConflict } from '../../../storage/database/writes.ts'
import { oauthFlows, socialLogins, users } from '../../../storage/schema/index.ts'
import { type Identity, showIdentity } from './identity-view.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'locale'>

const flowProvider = { provider: oauthFlows.provider } as const
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
        flowProvider,
        sql`SELECT ${columnsOf(flowProvider)} FROM oauth_flows WHERE id = ${flowId} AND user_id = ${userId}`,
      ),
    ),
    calculatePKCECodeChallenge(input.codeVerifier),
  ])
  if (flow === undefined) throw new AppError('invalid_token')
  requireKey(lookup)
  const { provider } = flow
  const [pii, payload] = await Promise.all([
    encryptClient(lookup, userId, ctx.client),
    sealMailPayload(lookup, userId, { client: ctx.client, provider }),
  ])
  const [id, nonce] = [crypto.randomUUID(), crypto.randomUUID()]
  const detail = { identity_id: id, provider, by: 'owner' } as const
  const verified = sql`SELECT ${columnsOf(verifiedUser)} FROM users WHERE id = ${userId} AND is_verified = 1`
  const mayLink = sql`user_id = ${userId} AND EXISTS (${verified}) AND ${whereSessionLives(ref, now)}
    AND ${askingSessionLives('oauth_flows', now)}`
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    verified: withRows(verifiedUser, verified),
    used: useCode({ flowId, codeChallenge, now, nonce }, mayLink),
    linked: insertIdentityOfFlow(ctx.ring, { id, nonce, now }),
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

interface NewLink {
  /** UUID v4. */
  readonly id: string
  /** Nonce of the request that exchanged the code. */
  readonly nonce: string
  readonly now: number
}

/**
 * Links the identity of the flow whose code the request with this nonce exchanged, unless the identity is
 * linked to an account already.
 */
function insertIdentityOfFlow(ring: KeyRing, { id, nonce, now }: NewLink) {
  const insertion = insertInto(
    socialLogins,
    {
      id,
      user_id: oauthFlows.userId,
      provider: oauthFlows.provider,
      provider_id_index: sql`json_extract(${oauthFlows.identityIndexes}, '$[0]')`,
      provider_id_enc: oauthFlows.providerIdEnc,
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
