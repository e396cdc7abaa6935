import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '../../client/client.ts'
import { isProblem } from '../../client/problem.ts'
import type { operatorReasons } from '../../core/operator.ts'
import { UsageError } from '../shared/usage-error.ts'

/** The operator, the service and the reason of a command. */
export interface OperatorChoice {
  readonly url: string
  readonly email?: string | undefined
  readonly reason: Reason
}

export type Reason = (typeof operatorReasons)[number]
type Client = ReturnType<typeof createClient>

/** A signed-in operator. */
export interface Operator {
  readonly reason: Reason
  /** Repeats a call that failed for a passing reason. @param attempt must be idempotent */
  readonly ask: <T>(attempt: (client: Client) => Promise<T>) => Promise<T>
  readonly signOut: () => Promise<void>
}

/** Signs in. @throws UsageError without address or password @throws ProblemError */
export async function signInOperator(choice: OperatorChoice): Promise<Operator> {
  const { email, reason } = choice
  const { LATCHKEY_PASSWORD: password } = process.env
  if (email === undefined || password === undefined) throw new UsageError('Set --email and LATCHKEY_PASSWORD.')
  const client = createClient({ origin: choice.url })
  await client.call('login', { body: { email, password } })
  return {
    reason,
    ask: (attempt) => persist(client, password, () => attempt(client)),
    signOut: () => client.signOut(),
  }
}

const MAX_ATTEMPTS = 8

/**
 * Steps up again when the proof of five minutes has expired, and waits while the service is busy, down or out
 * of reach.
 */
async function persist<T>(client: Client, password: string, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (tried >= MAX_ATTEMPTS) throw error
      if (isProblem(error, 'step_up_required')) await client.call('stepUp', { body: { password } })
      else if (isProblem(error, 'rate_limited', 'unavailable', 'internal_error') || error instanceof TypeError)
        await wait(1000 * (isProblem(error) ? (error.retryAfterSeconds ?? tried) : tried))
      else throw error
    }
  }
}
