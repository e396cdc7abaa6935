import { type Policy, parsePolicy } from '../../tlog/policy.ts'
import { UsageError } from '../shared/usage-error.ts'
import { fetchLogKeys } from './published-keys.ts'
import { readText } from './saved-checkpoint.ts'

export interface PolicyChoice {
  /** The path of a policy (https://c2sp.org/tlog-policy). */
  readonly policy?: string | undefined
  /** The origin of a service that publishes its keys. */
  readonly url?: string | undefined
}

/** Which logs and witnesses an auditor believes. */
export interface LogTrust {
  readonly policy: Policy
  /** Where the keys come from, for the output. */
  readonly name: string
  /** What the signatures do not prove, for the output. */
  readonly caveat: string
}

/**
 * Reads the policy of an auditor. Without one, or if it names no log, the keys are those that a service
 * publishes.
 * @returns undefined if neither is named
 * @throws UsageError
 * @throws Error when the service publishes no keys
 */
export async function readLogTrust({ policy: path, url }: PolicyChoice): Promise<LogTrust | undefined> {
  const policy = path === undefined ? undefined : readPolicy(path)
  if (policy !== undefined && policy.logs.length > 0) return { policy, name: path ?? '', caveat: caveatOf(policy) }
  if (url === undefined) {
    if (policy === undefined) return undefined
    throw new UsageError(`${path} names no log: add a line log <key>, or take the keys from the service (--url).`)
  }
  const logs = (await fetchLogKeys(url)).map((key) => ({ key, url }))
  const name = `the keys that ${url} publishes`
  if (policy !== undefined)
    return { policy: { ...policy, logs }, name: `${path} and ${name}`, caveat: caveatOf(policy) }
  return {
    policy: { logs, witnesses: [], groups: [], quorum: 'none' },
    name,
    caveat: 'anything against whoever runs that service, or can change its answers',
  }
}

const caveatOf = ({ quorum }: Policy): string =>
  quorum === 'none'
    ? 'that the service shows the same log to others: the policy asks for no witness'
    : 'that the service did what it recorded: only that it recorded it, in the log that the witnesses saw'

function readPolicy(path: string): Policy {
  const text = readText(path)
  try {
    return parsePolicy(text)
  } catch (error) {
    throw new UsageError(`${path} is not a policy: ${error instanceof Error ? error.message : error}.`)
  }
}
