import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording, TokenIssuing } from '../context.ts'
import type { ProvenMethods } from '../core/assurance.ts'
import type { ClientDetails } from '../core/client-details.ts'
import { newSessionId, newTimeOrderedId, type SessionId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { countSignIn, maySignIn, refuseSurplusSignIn } from '../rate-limits/sign-in-limit.ts'
import { opensSession } from '../storage/database/account-level.ts'
import type { Step } from '../storage/database/batch.ts'
import { encryptClient } from '../storage/database/event-details.ts'
import { whereSessionLives } from '../storage/database/live-session.ts'
import { isUsedBy } from '../storage/database/oauth-flows.ts'
import { orderMail, sealMailPayload } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { onReturned, type Runnable } from '../storage/database/statement.ts'
import { assignments, type Insertable, insertInto } from '../storage/database/writes.ts'
import { sessions, users } from '../storage/schema/index.ts'
import { endSurplusSessionsLater, hasSurplusSessions } from './end-surplus-sessions.ts'
import {
  type DeviceRow,
  encryptDevice,
  indexClient,
  indexDevice,
  isNewDevice,
  type SessionDevice,
} from './session-device.ts'
import { absoluteExpiry, idleExpiry } from './session-limits.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'

/**
 * @param isLetIn SQL condition: the session was opened. It is false for a sign-in above the quota of the
 * account.
 */
export type OnSuccess = (isLetIn: SQL) => readonly Runnable[]

/**
 * Statements of the same batch, before the INSERT of the session, that use up a proof.
 * @param mayOpen SQL condition: the account may open this session
 */
export type Spending = (mayOpen: SQL) => {
  readonly steps: readonly Step[]
  /** SQL condition: the steps have used up the proof. Otherwise no session is opened. */
  readonly isSpent: SQL
}

/** A live session of the same user, which a new one continues in an application. */
export interface ContinuedSession {
  readonly sessionId: SessionId
  /** The device of that session. It becomes the device of the new one. */
  readonly device: ClientDetails
  /** The host of the application, for the list of sessions. */
  readonly application: string
}

interface SessionStart {
  readonly account: SignInAccount
  readonly key: DataKeyLookup
  /** Statements for the same batch. They take the attempt out of the counts again. */
  readonly onSuccess?: OnSuccess
  readonly spend?: Spending | undefined
  /** The passkey that opens the session. A suspension of it ends the session. */
  readonly passkeyId?: string | undefined
  /** The id of the session, which a code has noted. None is opened if a second use has voided the code. */
  readonly opens?: SessionId | undefined
  /** The new session is opened only if this one is still live. */
  readonly continues?: ContinuedSession | undefined
  /** What the person has proven. The session records it. */
  readonly amr: ProvenMethods
  /** Time of the proof in Unix milliseconds; now by default. Zero for one that never counts as recent. */
  readonly authTimeMs?: number | undefined
}

export type SessionDependencies = Recording & TokenIssuing & Pick<Context, 'locale'>

/**
 * Opens a session in one batch. Only `completeSignIn` may call it. The batch does nothing if the account has
 * changed since the proof was checked: a concurrent suspension, password change, change of roles or demand
 * for a second factor wins. If the account has other sessions and none of them is of this device, the owner
 * is mailed. Surplus sessions end after the answer.
 * @returns undefined if the account has changed
 * @throws AppError `rate_limited`
 */
export async function startSession(
  ctx: SessionDependencies,
  { account, key, amr, authTimeMs = ctx.now, spend, passkeyId, opens, continues, onSuccess = () => [] }: SessionStart,
): Promise<SessionTokens | undefined> {
  const { db, settings, now } = ctx
  const sessionId = opens ?? newSessionId()
  const expiresAtMs = absoluteExpiry(settings, now)
  const idleExpiresAtMs = Math.min(idleExpiry(settings, now), expiresAtMs)
  // The exchange of an application may come from its server, which is no device of the person.
  const device = continues?.device ?? ctx.client
  const claims = { userId: account.id, sessionId, roles: account.roles, amr, authTimeMs }
  const [pii, deviceEnc, deviceIndexes, clientIndexes, payload] = await Promise.all([
    encryptClient(ctx, key, account.id),
    sealDevice(
      continues ? { ...device, application: continues.application } : device,
      { sessionId, userId: account.id },
      key,
    ),
    indexDevice(ctx.ring, account.id, device),
    indexClient(ctx.ring, sessionId, ctx.client),
    sealMailPayload(ctx, key, { userId: account.id, payload: { client: device } }),
  ])
  const actor = { type: 'user', userId: account.id, sessionId } as const
  const eventId = pii?.eventId ?? newTimeOrderedId(now)

  // Cache the session while the batch runs, to save a wait. No client has a token of it before the batch is
  // done, so an early snapshot does no harm.
  ctx.defer(ctx.sessions.remember(sessionId, { ...claims, expiresAtMs }))
  const isOpen = sql`EXISTS (SELECT 1 FROM sessions WHERE id = ${sessionId})`
  const mayOpen = mayOpenFor(ctx, { account, amr })
  const spending = spend?.(sql`EXISTS (SELECT 1 FROM users WHERE ${mayOpen})`)
  const conditions = [
    ...(spending === undefined ? [] : [spending.isSpent]),
    ...(opens === undefined ? [] : [isUsedBy(opens)]),
    ...(continues === undefined ? [] : [whereSessionLives({ ...continues, userId: account.id }, now)]),
  ]
  const open = insertSession(
    ctx,
    { account, onlyIf: sql.join([mayOpen, ...conditions], sql` AND `) },
    {
      id: sessionId,
      expires_at: expiresAtMs,
      idle_expires_at: idleExpiresAtMs,
      amr: JSON.stringify(claims.amr),
      auth_time: authTimeMs,
      device_enc: deviceEnc,
      device_index: deviceIndexes[0] ?? null,
      client_index: clientIndexes[0],
      last_event_id: eventId,
      passkey_id: passkeyId,
      continued_session_id: continues?.sessionId,
    },
  )
  const event = {
    action: 'user.signed_in',
    outcome: 'success',
    subjectId: account.id,
    detail: { session_id: sessionId, ...(continues !== undefined && { continued_session_id: continues.sessionId }) },
  } as const
  const [{ opened }, tokens] = await Promise.all([
    db.batch({
      spent: spending?.steps ?? [],
      opened: recorded({ ...ctx, actor }, open, event, { id: eventId, pii }),
      counted: sql`
        UPDATE users SET ${assignments(users, { last_login_at: now, ...countSignIn(ctx) })}
        WHERE id = ${account.id} AND ${isOpen}`,
      told: orderMail(ctx, {
        template: 'new-device',
        userId: account.id,
        payload,
        onlyIf: isNewDevice({ sessionId, userId: account.id, deviceIndexes }),
      }),
      takenBack: onSuccess(isOpen),
    }),
    issueSessionTokens(ctx, { ...claims, generation: 0, refreshExpiresAtMs: idleExpiresAtMs }),
  ])
  if (opened.length === 1) return tokens
  await refuseSurplusSignIn(ctx, account.id)
  return undefined
}

type SessionDetails = Omit<
  Insertable<typeof sessions>,
  | 'id'
  | 'user_id'
  | 'generation'
  | 'rotated_at'
  | 'created_at'
  | 'last_used_at'
  | 'security_epoch'
  | 'refresh_count'
  | 'refreshes_counted_until'
> & { readonly id: SessionId }

/** The insert of the session, under a condition on `users`. */
function insertSession(
  ctx: SessionDependencies,
  { account, onlyIf }: { readonly account: SignInAccount; readonly onlyIf: SQL },
  details: SessionDetails,
) {
  const { now } = ctx
  const members = { has_surplus: computed.flag(hasSurplusSessions(account.id)) } as const
  const insert = insertInto(
    sessions,
    {
      ...details,
      user_id: users.id,
      generation: 0,
      rotated_at: now,
      created_at: now,
      last_used_at: now,
      security_epoch: users.securityEpoch,
    },
    { from: sql`${users}`, onlyIf },
  )
  return onReturned(withRows(members, sql`${insert} RETURNING ${columnsOf(members)}`), ([opened]) => {
    if (opened?.has_surplus) endSurplusSessionsLater(ctx, { userId: account.id, sessionId: details.id })
  })
}

/** SQL condition on `users`: the account is as it was read, and may open a session with these methods. */
const mayOpenFor = (ctx: SessionDependencies, { account, amr }: Pick<SessionStart, 'account' | 'amr'>): SQL => sql`
  id = ${account.id} AND status = 'active' AND security_epoch = ${account.securityEpoch}
  AND ${hasRoles(account)} AND ${opensSession(amr, ctx.now)} AND ${maySignIn(ctx)}`

/** SQL condition on `users`: the roles are the same as when the account was read. Index `user_roles_user`. */
const hasRoles = ({ roles }: SignInAccount): SQL => sql`
  (SELECT count(*) FROM user_roles r WHERE r.user_id = users.id) = ${roles.length}
  AND NOT EXISTS (SELECT 1 FROM user_roles r WHERE r.user_id = users.id
    AND r.role NOT IN (SELECT value FROM json_each(${JSON.stringify(roles)})))`

/** Null when the data key could not be read. The sign-in goes on, and the session list shows no device. */
async function sealDevice(device: SessionDevice, row: DeviceRow, lookup: DataKeyLookup): Promise<string | null> {
  return lookup.kind === 'found' ? encryptDevice(lookup.key, row, device) : null
}
