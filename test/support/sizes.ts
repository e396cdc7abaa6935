import { env } from 'cloudflare:workers'

/**
 * How many requests of a race are sent at once: 2 and 16 in `npm test`, and also 100 in `npm run test:deep`.
 */
export const SIZES: readonly number[] = (env as Env & { RACE_SIZES: string }).RACE_SIZES.split(',').map(Number)
