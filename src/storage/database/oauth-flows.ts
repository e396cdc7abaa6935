import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import { OAUTH_CODE_SECONDS } from '../../core/lifetimes.ts'
import { oauthFlows } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { IdentityRef } from './social-logins.ts'
import type { Statement } from './statement.ts'
import { assignments, insertInto } from './writes.ts'

/** The id of a flow. */
const flowId = { id: oauthFlows.id } as const

interface NewFlow {
  /** UUID v4. */
  readonly id: string
  /** The user who links an identity. Absent in a sign-in. */
  readonly userId?: UserId | undefined
  /** The session that started to link. */
  readonly sessionId?: SessionId | undefined
  readonly provider: string
  readonly codeChallenge: string
  readonly now: number
  readonly expiresAtMs: number
}

/**
 * Added to the expiry of the state: the provider may answer late, and the code is valid for some time after
 * that.
 */
const MARGIN_MS = 10 * 60_000

/**
 * Marks a flow's state as used. Returns a row for the first request that presents the state, and none for
 * later ones.
 */
export function useState(flow: NewFlow): Statement<Row<typeof flowId>> {
  const insertion = insertInto(oauthFlows, {
    id: flow.id,
    user_id: flow.userId,
    session_id: flow.sessionId,
    provider: flow.provider,
    code_challenge: flow.codeChallenge,
    created_at: flow.now,
    expires_at: flow.expiresAtMs + MARGIN_MS,
  })
  return withRows(flowId, sql`${insertion} ON CONFLICT DO NOTHING RETURNING ${columnsOf(flowId)}`)
}

interface CodeGrant {
  readonly flowId: string
  readonly identity: IdentityRef
  readonly now: number
  /** From `sealSubject`. Present if the identity is to be linked. */
  readonly subjectEnc?: string
}

/** Makes the flow's code valid, for the identity that the provider named. */
export function grantCode(
  { flowId: id, identity, now, subjectEnc }: CodeGrant,
  condition: SQL,
): Statement<Row<typeof flowId>> {
  const granted = assignments(oauthFlows, {
    identity_indexes: JSON.stringify(identity.indexes),
    provider_id_enc: subjectEnc ?? null,
    code_expires_at: now + OAUTH_CODE_SECONDS * 1000,
  })
  return withRows(
    flowId,
    sql`
      UPDATE oauth_flows SET ${granted}
      WHERE id = ${id} AND identity_indexes IS NULL AND ${condition} RETURNING ${columnsOf(flowId)}`,
  )
}

interface CodeUse {
  readonly flowId: string
  /** S256 of the verifier that was sent with the code. */
  readonly codeChallenge: string
  readonly now: number
  /** Random. Marks the one request that exchanges the code. */
  readonly nonce: string
}

const usedFlow = { provider: oauthFlows.provider } as const

/** Exchanges a code, once. Other statements of the batch find the row of `oauth_flows` by the nonce. */
export const useCode = (
  { flowId, codeChallenge, now, nonce }: CodeUse,
  condition: SQL,
): Statement<Row<typeof usedFlow>> =>
  withRows(
    usedFlow,
    sql`
      UPDATE oauth_flows SET ${assignments(oauthFlows, { consumed_at: now, nonce })}
      WHERE id = ${flowId} AND code_challenge = ${codeChallenge} AND consumed_at IS NULL AND code_expires_at > ${now}
        AND ${condition}
      RETURNING ${columnsOf(usedFlow)}`,
  )

/** SQL condition on `social_logins`: the row is the identity of the joined row of `oauth_flows`. */
export const isIdentityOfFlow: SQL = sql`
  social_logins.provider = oauth_flows.provider
  AND social_logins.provider_id_index IN (SELECT value FROM json_each(oauth_flows.identity_indexes))`

/**
 * SQL: the user who signs in with the code that the request with this nonce exchanged. Null for every other
 * request.
 */
export const signedInBy = (nonce: string): SQL => sql`
  (SELECT social_logins.user_id FROM oauth_flows JOIN social_logins ON ${isIdentityOfFlow}
   WHERE oauth_flows.nonce = ${nonce} AND oauth_flows.user_id IS NULL)`
