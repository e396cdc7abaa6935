import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What takes longest. Begun last, one of them keeps one worker busy while the other has nothing left to do.
 */
const LONGEST = [
  ...['node/demo', 'node/canary-scan', 'node/deploy', 'node/archive-commands', 'node/examples'],
  ...['attack/fuzz', 'attack/faults', 'http/authorization', 'operators/access', 'operators/account-changes'],
  ...['compliance/keys/rotation', 'compliance/erasure', 'auth/password', 'identity/email', 'identity/register'],
]

/** Files in the order in which two workers are done with them at the same time. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

/** One project after the other: a worker that changes between them starts workerd anew. */
function rankOf({ project, moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return (project.name === 'node' ? 0 : 1000) + (place === -1 ? LONGEST.length : place)
}
