import { env } from 'cloudflare:workers'

const FAULTS = ['fail', 'lose-reply'] as const

/**
 * `npm run test:deep` interrupts each call in every way. `npm test` interrupts each in one way, alternating.
 */
const isExhaustive = (env as Env & { FAULTS: string }).FAULTS === 'all'

/** The ways in which the call with this number is interrupted. */
export const faultsAt = (at: number): readonly (typeof FAULTS)[number][] =>
  isExhaustive ? FAULTS : [at % 2 === 0 ? 'fail' : 'lose-reply']
