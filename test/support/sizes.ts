import { env } from 'cloudflare:workers'

/**
 * How many of a race come at once: 2 and 16 in `npm test`, and 100 as well where `npm run test:deep` repeats
 * it.
 */
export const SIZES: readonly number[] = (env as Env & { RACE_SIZES: string }).RACE_SIZES.split(',').map(Number)
