import type { OperationName } from './contender.ts'
import { findResult, type Results, ratio } from './results.ts'

const CONNECTIONS = 50
const MEMORY_MIB = 100

/** Latchkey's throughput as a multiple of another contender's. */
interface Target {
  readonly operation: OperationName
  readonly title: string
  readonly other: string
  readonly atLeast: number
}

const targets: readonly Target[] = [
  { operation: 'profile', title: '`GET /users/me` of better-auth on D1', other: 'better-auth-d1', atLeast: 2.7 },
  { operation: 'profile', title: '`GET /users/me` of better-auth with KV', other: 'better-auth-kv', atLeast: 1.8 },
  { operation: 'profile', title: '`GET /users/me` of one bare D1 read', other: 'floor', atLeast: 0.85 },
  { operation: 'session', title: '`GET /auth/session` of one bare D1 read', other: 'floor', atLeast: 1 },
  {
    operation: 'session',
    title: "`GET /auth/session` of better-auth's cookie cache",
    other: 'better-auth-cookie-cache',
    atLeast: 1,
  },
  { operation: 'sign-in', title: 'sign in, of better-auth on D1', other: 'better-auth-d1', atLeast: 2.2 },
  { operation: 'sign-in', title: 'sign in, of the minimal Worker', other: 'minimal', atLeast: 1 },
  { operation: 'refresh', title: 'refresh, of one bare D1 insert', other: 'floor', atLeast: 0.75 },
]

export interface Judged {
  readonly target: string
  readonly measured: string
  readonly isMet: boolean
}

/** Compares the goals of the project with the measured values. Goals that were not measured are left out. */
export function judge(results: Results): Judged[] {
  return [...targets.flatMap((target) => judgeRatio(results, target)), ...judgeMemory(results)]
}

function judgeRatio(results: Results, { operation, title, other, atLeast }: Target): Judged[] {
  const ours = findResult(results, { contender: 'latchkey', operation, connections: CONNECTIONS })
  const theirs = findResult(results, { contender: other, operation, connections: CONNECTIONS })
  if (ours === undefined || theirs === undefined) return []
  const measured = ratio(ours, theirs)
  return [{ target: `${title}: at least ${atLeast}`, measured: measured.toFixed(2), isMet: measured >= atLeast }]
}

function judgeMemory({ memory }: Results): Judged[] {
  const [ours, theirs] = ['latchkey', 'minimal'].map((name) => memory.find(({ contender }) => contender === name))
  if (ours === undefined || theirs === undefined) return []
  const more = ours.peakMib - theirs.peakMib
  return [
    {
      target: `peak memory above the minimal Worker's: at most ${MEMORY_MIB} MiB`,
      measured: `${more.toFixed(0)} MiB`,
      isMet: more <= MEMORY_MIB,
    },
  ]
}
