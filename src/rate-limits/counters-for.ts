import type { Context } from '../context.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import {
  type CountedBy,
  type LimitName,
  type LockoutName,
  limitPolicies,
  limitPolicy,
  lockoutPolicies,
  operatorLimits,
  type Quota,
} from '../core/rate-limit-policies.ts'
import { blindIndex } from '../crypto/blind-index.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import type { Counter } from '../storage/database/counters.ts'
import { type SessionRef, whereSessionLives } from '../storage/database/live-session.ts'
import { countedNetwork, countedNetworks } from './client-address.ts'

/** The subjects that a request names, besides its network. */
export interface Subjects {
  readonly email?: EmailAddress | undefined
  readonly session?: SessionId | undefined
  readonly user?: UserId | undefined
  /** Nonce of a device token. */
  readonly device?: string | undefined
  /** Id of a ticket. */
  readonly request?: string | undefined
}

/**
 * The subjects of a request that may present a session. The user and the session are counted only while the
 * session is live.
 */
export interface RequestSubjects extends Omit<Subjects, 'device'> {
  readonly holder?: SessionRef | undefined
  /** The account that a ticket of this service names. */
  readonly user?: UserId | undefined
}

/** A counter with its policy, and the kind of its subject. */
export interface NamedCounter extends Counter {
  /** `limit` refuses requests with 429, `lock` refuses passwords. */
  readonly kind: 'limit' | 'lock'
  readonly policy: LimitName | LockoutName
  readonly by: CountedBy
}

type Dependencies = Pick<Context, 'ring' | 'settings' | 'client' | 'now'>

/**
 * The counters of a policy for one request: those of its networks, and those of its known subjects. After a
 * session has ended, a thief may hold a valid access token for minutes, and must not use up the owner's quota
 * with it.
 */
export async function countersFor(
  ctx: Dependencies,
  policy: LimitName,
  { holder, ...subjects }: RequestSubjects,
): Promise<NamedCounter[]> {
  const networks = countedNetworks(ctx.client.ip).map(({ name, quotaFactor }) => {
    return { by: 'address', text: name, quotaFactor } as const
  })
  const held = holder && { user: holder.userId, session: holder.sessionId }
  const counted = [...texts({ ...subjects, ...held }), ...networks]
  const counters = await nameCounters(ctx, { kind: 'limit', policy }, limitPolicy(ctx.settings, policy), counted)
  if (holder === undefined) return counters
  const onlyIf = whereSessionLives(holder, ctx.now)
  return counters.map((counter) => (counter.by === 'address' ? counter : { ...counter, onlyIf }))
}

/** The lockout counters of one policy, for these subjects. */
export function lockoutCountersFor(
  ctx: Pick<Context, 'ring' | 'settings'>,
  policy: LockoutName,
  subjects: Subjects,
): Promise<NamedCounter[]> {
  return nameCounters(ctx, { kind: 'lock', policy }, lockoutPolicies(ctx.settings)[policy], texts(subjects))
}

/**
 * Every counter of every policy for these subjects. Excludes the counters of networks and of operators'
 * changes.
 */
export async function allCountersOf(
  ctx: Pick<Context, 'ring' | 'settings'>,
  subjects: Subjects,
): Promise<NamedCounter[]> {
  const lockouts = Object.keys(lockoutPolicies(ctx.settings)) as LockoutName[]
  const limits = (Object.keys(limitPolicies(ctx.settings)) as LimitName[]).filter((name) => !operatorLimits.has(name))
  const counters = await Promise.all([
    ...lockouts.map((policy) => lockoutCountersFor(ctx, policy, subjects)),
    ...limits.map((policy) =>
      nameCounters(ctx, { kind: 'limit', policy }, limitPolicy(ctx.settings, policy), texts(subjects)),
    ),
  ])
  return counters.flat()
}

/**
 * The key under which a burst limit counts a network. Uses the smallest network, because a burst limit has
 * the same quota for every key.
 */
export const burstLimitKey = ({ ring, client }: Pick<Context, 'ring' | 'client'>): Promise<string> =>
  blindIndex(ring.newest, 'attemptIndex', `burst|${countedNetwork(client.ip)}`)

interface SubjectText {
  readonly by: CountedBy
  readonly text: string | undefined
  readonly quotaFactor?: number
}

const texts = ({ email, session, user, device, request }: Subjects): SubjectText[] => [
  { by: 'email', text: email?.canonical },
  { by: 'session', text: session },
  { by: 'user', text: user },
  { by: 'device', text: device },
  { by: 'request', text: request },
]

async function nameCounters(
  { ring }: Pick<Context, 'ring'>,
  { kind, policy }: Pick<NamedCounter, 'kind' | 'policy'>,
  quotas: Partial<Record<CountedBy, Quota>>,
  subjects: readonly SubjectText[],
): Promise<NamedCounter[]> {
  const counters = subjects.map(async ({ by, text, quotaFactor = 1 }) => {
    const quota = quotas[by]
    if (quota === undefined || text === undefined) return []
    const key = await blindIndex(ring.newest, 'attemptIndex', `${kind}|${policy}|${by}|${text}`)
    return [{ kind, policy, by, key, quota: { ...quota, count: quota.count * quotaFactor } }]
  })
  return (await Promise.all(counters)).flat()
}
