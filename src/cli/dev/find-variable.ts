import type { TwoStepPolicy } from '../../core/two-step-policy.ts'
import type { D1Target } from '../shared/d1.ts'
import { devVarsPath } from './dev-options.ts'
import { readVariable } from './dev-vars.ts'

/**
 * Finds a variable of the service: in the environment of the command, or in `.dev.vars` of this machine,
 * which is not used for a deployed service.
 */
export function findVariable(
  name: 'ROOT_KEYS' | 'DISTRUSTED_ROOT_KEYS' | keyof TwoStepPolicy,
  { remote, environment }: Pick<D1Target, 'remote' | 'environment'>,
): string | undefined {
  const given = process.env[name]
  if (given !== undefined || remote) return given
  return readVariable(devVarsPath({ configPath: undefined, environment }), name)
}
