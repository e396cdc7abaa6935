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

/** Whom a request is about, besides the network that it comes from. */
export interface Subjects {
  readonly email?: EmailAddress | undefined
  readonly session?: SessionId | undefined
  readonly user?: UserId | undefined
  /** Nonce of a device token. */
  readonly device?: string | undefined
}

/**
 * Likewise, where a request comes with a session: but for its network, it is counted only while the session
 * lives.
 */
export interface RequestSubjects extends Omit<Subjects, 'user' | 'device'> {
  readonly holder?: SessionRef | undefined
}

/** A counter that says what it counts, and by whom. */
export interface NamedCounter extends Counter {
  /** `limit` refuses with 429, `lock` refuses a password. */
  readonly kind: 'limit' | 'lock'
  readonly policy: LimitName | LockoutName
  readonly by: CountedBy
}

type Dependencies = Pick<Context, 'ring' | 'settings' | 'client' | 'now'>

/**
 * The counters of a policy for one request: its networks', and those of the subjects that are known. A thief
 * whose session has ended may hold an access token for minutes yet, and must not use up with it what is its
 * owner's.
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

/** The counter of wrong passwords for one subject. */
export function lockoutCountersFor(
  ctx: Pick<Context, 'ring' | 'settings'>,
  policy: LockoutName,
  subjects: Subjects,
): Promise<NamedCounter[]> {
  return nameCounters(ctx, { kind: 'lock', policy }, lockoutPolicies(ctx.settings)[policy], texts(subjects))
}

/**
 * Every counter there can be about these subjects, of every policy; none of a network, and none of operators'
 * doings.
 */
export async function allCountersOf(
  ctx: Pick<Context, 'ring' | 'settings'>,
  subjects: Subjects,
): Promise<NamedCounter[]> {
  const locks = Object.keys(lockoutPolicies(ctx.settings)) as LockoutName[]
  const limits = (Object.keys(limitPolicies(ctx.settings)) as LimitName[]).filter((name) => !operatorLimits.has(name))
  const counters = await Promise.all([
    ...locks.map((policy) => lockoutCountersFor(ctx, policy, subjects)),
    ...limits.map((policy) =>
      nameCounters(ctx, { kind: 'limit', policy }, limitPolicy(ctx.settings, policy), texts(subjects)),
    ),
  ])
  return counters.flat()
}

/** Under which a burst shield counts a network: the smallest one, because a shield has one quota for all. */
export const burstLimitKey = ({ ring, client }: Pick<Context, 'ring' | 'client'>): Promise<string> =>
  blindIndex(ring.newest, 'attemptIndex', `shield|${countedNetwork(client.ip)}`)

interface SubjectText {
  readonly by: CountedBy
  readonly text: string | undefined
  readonly quotaFactor?: number
}

const texts = ({ email, session, user, device }: Subjects): SubjectText[] => [
  { by: 'email', text: email?.canonical },
  { by: 'session', text: session },
  { by: 'user', text: user },
  { by: 'device', text: device },
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
