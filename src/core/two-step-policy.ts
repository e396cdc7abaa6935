import { type AssuranceLevel, LOWEST_LEVEL, TWO_FACTORS } from './assurance.ts'
import type { Settings } from './settings.ts'
import { DAY_MS } from './time.ts'
import { isLoopback } from './web-address.ts'

/** The settings that say who must have two factors. */
export interface TwoStepPolicy extends Pick<Settings, 'TWO_STEP_REQUIRED' | 'TWO_STEP_GRACE_DAYS'> {
  readonly TWO_STEP_ROLES: readonly string[]
}

/**
 * The level that operators' routes require, beyond that of the account. `TWO_STEP_REQUIRED=none` releases
 * operators only on this machine: an operator's session reaches every account, so a stolen password must not
 * open one in a deployment.
 */
export const levelOfOperators = ({
  TWO_STEP_REQUIRED,
  ISSUER,
}: Pick<Settings, 'TWO_STEP_REQUIRED' | 'ISSUER'>): AssuranceLevel =>
  TWO_STEP_REQUIRED === 'none' && isLoopback(new URL(ISSUER).hostname) ? LOWEST_LEVEL : TWO_FACTORS

/** Whether the policy covers a user with these roles. `isCoveredByPolicy` is the same rule in SQL. */
export function coversRoles({ TWO_STEP_REQUIRED, TWO_STEP_ROLES }: TwoStepPolicy, roles: readonly string[]): boolean {
  if (TWO_STEP_REQUIRED !== 'roles') return TWO_STEP_REQUIRED === 'everyone'
  return roles.some((role) => TWO_STEP_ROLES.includes(role))
}

/**
 * When two factors become necessary for an account that the policy covers from now on, in Unix milliseconds.
 */
export const dueFromNow = ({ TWO_STEP_GRACE_DAYS }: TwoStepPolicy, now: number): number =>
  now + TWO_STEP_GRACE_DAYS * DAY_MS
