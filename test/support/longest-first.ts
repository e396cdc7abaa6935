import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Test files that take more than ten seconds. One that starts last keeps one worker busy while the other has
 * nothing to do. `npm run test:quick` leaves them out.
 */
export const LONGEST = [
  ...['node/demo', 'node/canary-scan', 'node/deploy', 'node/archive-commands', 'node/examples'],
  ...['node/social-sign-in', 'node/wire', 'node/argon2id'],
  ...['attack/fuzz', 'attack/faults', 'http/authorization', 'operators/access', 'operators/account-changes'],
  ...['keys/rotation', 'compliance/erasure', 'sign-in/password/password', 'identity/email', 'identity/register'],
]

/** Sorts files so that the workers finish at about the same time. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

/** Runs one project after the other, because a worker that changes between projects starts workerd again. */
function rankOf({ project, moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return (project.name === 'node' ? 0 : 1000) + (place === -1 ? LONGEST.length : place)
}
