import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import { OAUTH_CODE_SECONDS } from '../../core/lifetimes.ts'
import { oauthFlows } from '../schema/index.ts'
import { askingSessionLives, type SessionRef, sessionLives } from './live-session.ts'
import type { Members, Row } from './members.ts'
import { columnsOf, computed, withRows } from './rows.ts'
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
  readonly redirectUri: string
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
    redirect_uri: flow.redirectUri,
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

/**
 * The `provider` of a code with which the service's own pages send a person back. No provider has this name.
 */
const OWN_PAGES = ''

interface ReturnCode {
  /** UUID v4. */
  readonly id: string
  readonly redirectUri: string
  readonly codeChallenge: string
  readonly now: number
}

/**
 * Makes a code with which an application continues a session, if the session is live.
 * @param condition SQL on `sessions`
 */
export function insertReturnCode(
  ref: SessionRef,
  { id, redirectUri, codeChallenge, now }: ReturnCode,
  condition: SQL,
): Statement<Row<typeof flowId>> {
  const expiresAtMs = now + OAUTH_CODE_SECONDS * 1000
  const insertion = insertInto(
    oauthFlows,
    {
      id,
      user_id: ref.userId,
      session_id: ref.sessionId,
      provider: OWN_PAGES,
      redirect_uri: redirectUri,
      code_challenge: codeChallenge,
      created_at: now,
      code_expires_at: expiresAtMs,
      expires_at: expiresAtMs + MARGIN_MS,
    },
    { from: sql`sessions, users`, onlyIf: sql`${sessionLives(ref, now)} AND ${condition}` },
  )
  return withRows(flowId, sql`${insertion} RETURNING ${columnsOf(flowId)}`)
}

interface CodeUse {
  readonly flowId: string
  /** The address that was sent with the code. Only a code of a provider can be exchanged without it. */
  readonly redirectUri?: string | undefined
  /** S256 of the verifier that was sent with the code. */
  readonly codeChallenge: string
  readonly now: number
  /** Random. Marks the one request that exchanges the code. In a sign-in, the id of the session to open. */
  readonly nonce: string
}

/** Exchanges a code, once. Other statements of the batch find the row of `oauth_flows` by the nonce. */
export const useCode = <const Named extends Members>(
  { now, nonce, ...use }: CodeUse,
  members: Named,
  condition: SQL,
): Statement<Row<Named>> =>
  withRows(
    members,
    sql`
      UPDATE oauth_flows SET ${assignments(oauthFlows, { consumed_at: now, nonce })}
      WHERE ${matches(use)} AND consumed_at IS NULL AND code_expires_at > ${now} AND ${condition}
      RETURNING ${columnsOf(members)}`,
  )

/**
 * SQL condition on `oauth_flows`: the request has the verifier and the address of the code. Without the
 * address, only a code of a provider matches.
 */
const matches = ({ flowId, codeChallenge, redirectUri }: Omit<CodeUse, 'now' | 'nonce'>): SQL => sql`
  id = ${flowId} AND code_challenge = ${codeChallenge}
  AND ${redirectUri === undefined ? sql`provider <> ${OWN_PAGES}` : sql`redirect_uri = ${redirectUri}`}`

/** The session of a code that was used before. */
const openedSession = { nonce: oauthFlows.nonce } as const

/**
 * Returns the session that the first use of this code has opened, or is opening. A request without the
 * verifier gets no row: who has seen nothing but the code cannot end the session.
 */
export const selectSessionOfUsedCode = (use: Omit<CodeUse, 'now' | 'nonce'>): Statement<Row<typeof openedSession>> =>
  withRows(
    openedSession,
    sql`
      SELECT ${columnsOf(openedSession)} FROM oauth_flows
      WHERE ${matches(use)} AND (user_id IS NULL OR provider = ${OWN_PAGES}) AND nonce IS NOT NULL`,
  )

/** Prevents the first use of a code from opening its session, if it has not yet. */
export const voidUsedCode = (sessionId: SessionId): SQL =>
  sql`UPDATE oauth_flows SET ${assignments(oauthFlows, { nonce: null })} WHERE nonce = ${sessionId}`

/** A used code, for `useCode`. */
export const usedCode = { id: oauthFlows.id } as const

/**
 * A used code that signs in, and what the new session takes from the session that made the code, if one did.
 */
export const usedSignInCode = {
  redirect_uri: oauthFlows.redirectUri,
  session_id: oauthFlows.sessionId,
  /** JSON, read by `continueSession`. Null in a social sign-in. */
  origin: computed.textOrNull(sql`(
    SELECT json_object('amr', json(amr), 'auth_time', auth_time, 'device_enc', device_enc, 'passkey_id', passkey_id)
    FROM sessions WHERE id = oauth_flows.session_id)`),
} as const

/**
 * SQL condition on `oauth_flows`: the code signs in. One of the own pages does while their session is live.
 */
export const codeSignsIn = (now: number): SQL =>
  sql`(user_id IS NULL OR (provider = ${OWN_PAGES} AND ${askingSessionLives('oauth_flows', now)}))`

/** SQL condition on `social_logins`: the row is the identity of the joined row of `oauth_flows`. */
export const isIdentityOfFlow: SQL = sql`
  social_logins.provider = oauth_flows.provider
  AND social_logins.provider_id_index IN (SELECT value FROM json_each(oauth_flows.identity_indexes))`

/** SQL condition on `oauth_flows`: the code is of a social sign-in, with an identity of this user. */
export const provesIdentityOf = (userId: UserId): SQL => sql`
  user_id IS NULL
  AND EXISTS (SELECT 1 FROM social_logins WHERE social_logins.user_id = ${userId} AND ${isIdentityOfFlow})`

/** SQL condition: the request with this nonce used a code, and no second use has voided it. */
export const isUsedBy = (nonce: string): SQL => sql`EXISTS (SELECT 1 FROM oauth_flows WHERE nonce = ${nonce})`

/**
 * SQL: the user who signs in with the code that the request with this nonce exchanged. Null for every other
 * request.
 */
export const signedInBy = (nonce: string): SQL => sql`
  (SELECT coalesce(oauth_flows.user_id, social_logins.user_id)
   FROM oauth_flows LEFT JOIN social_logins ON oauth_flows.user_id IS NULL AND ${isIdentityOfFlow}
   WHERE oauth_flows.nonce = ${nonce})`
