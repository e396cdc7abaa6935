import { env } from 'cloudflare:workers'

const FAULTS = ['fail', 'lose-reply'] as const

/**
 * `npm run test:deep` kills each call in every way, `npm test` in one: calls in turn take one and the other.
 */
const isExhaustive = (env as Env & { FAULTS: string }).FAULTS === 'all'

/** The ways in which work is killed at its call of this number. */
export const faultsAt = (at: number): readonly (typeof FAULTS)[number][] =>
  isExhaustive ? FAULTS : [at % 2 === 0 ? 'fail' : 'lose-reply']
