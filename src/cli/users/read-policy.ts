import { settingsSchema } from '../../core/settings.ts'
import type { TwoStepPolicy } from '../../core/two-step-policy.ts'
import { ConfigError } from '../../runtime/config.ts'
import { findVariable } from '../dev/find-variable.ts'
import type { D1Target } from '../shared/d1.ts'

const NAMES = ['TWO_STEP_REQUIRED', 'TWO_STEP_ROLES', 'TWO_STEP_GRACE_DAYS'] as const

const policySchema = settingsSchema.pick({ TWO_STEP_REQUIRED: true, TWO_STEP_ROLES: true, TWO_STEP_GRACE_DAYS: true })

/**
 * Reads who must have two factors, from the environment of the command or from `.dev.vars`. What is set in
 * `wrangler.toml` alone is not found: the job of the Worker corrects the date within a day.
 * @throws ConfigError
 */
export function readPolicy(target: Pick<D1Target, 'remote' | 'environment'>): TwoStepPolicy {
  const parsed = policySchema.safeParse(Object.fromEntries(NAMES.map((name) => [name, findVariable(name, target)])))
  if (parsed.success) return parsed.data
  throw new ConfigError([...new Set(parsed.error.issues.map(({ path }) => String(path[0])))])
}
