import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import { OAUTH_CODE_SECONDS } from '../../core/lifetimes.ts'
import type { IdentityRef } from './social-logins.ts'

interface NewFlow {
  /** UUID v4. */
  readonly id: string
  /** Who links; absent where somebody signs in. */
  readonly userId?: UserId | undefined
  /** The session that asked to link. */
  readonly sessionId?: SessionId | undefined
  readonly provider: string
  readonly codeChallenge: string
  readonly now: number
  readonly expiresAtMs: number
}

/** A provider may take its time after the state was used, and the code lives on from there. */
const MARGIN_MS = 10 * 60_000

/** Uses up a flow's state: answers with a row for the first request that shows it, and with none for every other. */
export const useState = (flow: NewFlow): SQL<{ readonly id: string }> => sql`
  INSERT INTO oauth_flows (id, user_id, session_id, provider, code_challenge, created_at, expires_at)
  VALUES (${flow.id}, ${flow.userId ?? null}, ${flow.sessionId ?? null}, ${flow.provider}, ${flow.codeChallenge},
    ${flow.now}, ${flow.expiresAtMs + MARGIN_MS})
  ON CONFLICT DO NOTHING RETURNING id`

interface CodeGrant {
  readonly flowId: string
  readonly identity: IdentityRef
  readonly now: number
  /** From `sealSubject`, where the identity is to be linked. */
  readonly subjectEnc?: string
}

/** Lets the flow's code be exchanged, for the identity that the provider named. */
export const grantCode = (
  { flowId, identity, now, subjectEnc }: CodeGrant,
  condition: SQL,
): SQL<{ readonly id: string }> => sql`
  UPDATE oauth_flows SET identity_indexes = ${JSON.stringify(identity.indexes)}, provider_id_enc = ${subjectEnc ?? null},
    code_expires_at = ${now + OAUTH_CODE_SECONDS * 1000}
  WHERE id = ${flowId} AND identity_indexes IS NULL AND ${condition} RETURNING id`

interface CodeUse {
  readonly flowId: string
  /** S256 of the verifier that came with the code. */
  readonly codeChallenge: string
  readonly now: number
  /** Random: marks the one request that exchanges. */
  readonly nonce: string
}

/** Exchanges a code, once. The other statements of the batch speak of `oauth_flows` by the nonce. */
export const useCode = (
  { flowId, codeChallenge, now, nonce }: CodeUse,
  condition: SQL,
): SQL<{ readonly provider: string }> => sql`
  UPDATE oauth_flows SET consumed_at = ${now}, nonce = ${nonce}
  WHERE id = ${flowId} AND code_challenge = ${codeChallenge} AND consumed_at IS NULL AND code_expires_at > ${now}
    AND ${condition}
  RETURNING provider`

/** SQL condition on `social_logins`: it is the identity of this row of `oauth_flows`. */
export const isIdentityOfFlow: SQL = sql`
  social_logins.provider = oauth_flows.provider
  AND social_logins.provider_id_index IN (SELECT value FROM json_each(oauth_flows.identity_indexes))`

/** SQL: whose identity it was that the request with this nonce signs in with; null for everybody else. */
export const signedInBy = (nonce: string): SQL => sql`
  (SELECT social_logins.user_id FROM oauth_flows JOIN social_logins ON ${isIdentityOfFlow}
   WHERE oauth_flows.nonce = ${nonce} AND oauth_flows.user_id IS NULL)`
