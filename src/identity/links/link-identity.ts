import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { rfc3339 } from '../../core/time.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import {
  askingSessionLives,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { isIdentityOfFlow, useCode } from '../../storage/database/oauth-flows.ts'
import { hasEveryRootKey, refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { loginExists } from '../../storage/database/social-logins.ts'
import { encryptClient, recordEvent } from '../../storage/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/outbox-mail.ts'
import type { ShownIdentity } from './list-identities.ts'

type Dependencies = Pick<
  Context,
  'db' | 'ring' | 'vault' | 'actor' | 'client' | 'requestId' | 'now' | 'locale' | 'outbox'
>

interface LinkCode {
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Links the identity that a code stands for. It takes the code, which the browser brought back; the verifier, which
 * whoever began still has; and a session of the user who asked for the ticket, while the one that asked lives: so nobody can slip an identity of theirs
 * to somebody else, nor take one from them. An address that was never proven may be a stranger's, so such an account
 * links nothing.
 * @throws AppError `invalid_access_token`, `invalid_token`, `email_unverified`, `identity_taken`, `unavailable`;
 * `misconfigured` while a root key is missing
 */
export async function linkIdentity(ctx: Dependencies, ref: SessionRef, input: LinkCode): Promise<ShownIdentity> {
  const { db, now } = ctx
  const { userId } = ref
  const flowId = await readOneTimeToken(ctx.ring, 'code', input.code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const [lookup, flow, codeChallenge] = await Promise.all([
    ctx.vault.find(userId),
    db.first(sql<{ provider: string }>`SELECT provider FROM oauth_flows WHERE id = ${flowId} AND user_id = ${userId}`),
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
  const isVerified = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND is_verified = 1)`
  const mayLink = sql`user_id = ${userId} AND ${isVerified} AND ${whereSessionLives(ref, now)}
    AND ${askingSessionLives('oauth_flows', now)}`
  const [live, verified, used, linked, , , missing] = await db.batch([
    selectLiveSession(ref, now),
    sql`SELECT 1 FROM users WHERE id = ${userId} AND is_verified = 1`,
    useCode({ flowId, codeChallenge, now, nonce }, mayLink),
    sql`
      INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at)
      SELECT ${id}, user_id, provider, json_extract(identity_indexes, '$[0]'), provider_id_enc, ${now}
      FROM oauth_flows WHERE nonce = ${nonce} AND NOT EXISTS (SELECT 1 FROM social_logins WHERE ${isIdentityOfFlow})
        AND ${hasEveryRootKey(ctx.ring)}
      ON CONFLICT (provider, provider_id_index) DO NOTHING RETURNING id`,
    recordEvent(
      ctx,
      { action: 'identity.linked', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: loginExists(id) },
    ),
    orderMail(ctx, { template: 'identity-linked', userId, payload, onlyIf: loginExists(id) }),
    selectMissingRootKeys(ctx.ring),
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (verified.length === 0) throw new AppError('email_unverified')
  if (used.length === 0) throw new AppError('invalid_token')
  refuseWithoutRootKeys(missing)
  if (linked.length === 0) throw new AppError('identity_taken')
  return { id, provider, linked_at: rfc3339(now) }
}
