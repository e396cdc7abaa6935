import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '../../client/client.ts'
import { isProblem } from '../../client/problem.ts'
import { operatorReasons } from '../../core/operator.ts'
import { UsageError } from '../command-line.ts'

/** Options of commands that act through the API, as an operator who signs in. */
export const OPERATOR_OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:8787' },
  email: { type: 'string' },
  reason: { type: 'string', default: 'maintenance' },
} as const

export const OPERATOR_HELP = `  --email ADDRESS          the admin who does it (or LATCHKEY_EMAIL); the password comes from LATCHKEY_PASSWORD:
                           read -rs LATCHKEY_PASSWORD && export LATCHKEY_PASSWORD
  --url ORIGIN             the service (http://127.0.0.1:8787)
  --reason REASON          why, for the audit trail (maintenance): one of
                           ${operatorReasons.join(', ')}`

interface OperatorChoice {
  readonly url: string
  readonly email?: string | undefined
  readonly reason: string
}

export type Reason = (typeof operatorReasons)[number]
type Client = ReturnType<typeof createClient>

/** A signed-in operator. */
export interface Operator {
  readonly reason: Reason
  /** Repeats a call when it can help. @param attempt does nothing twice */
  readonly ask: <T>(attempt: (client: Client) => Promise<T>) => Promise<T>
  readonly signOut: () => Promise<void>
}

/** Signs in. @throws UsageError without address or password, or for an unknown reason; ProblemError */
export async function signInOperator(choice: OperatorChoice): Promise<Operator> {
  const { LATCHKEY_EMAIL, LATCHKEY_PASSWORD: password } = process.env
  const email = choice.email ?? LATCHKEY_EMAIL
  const reason = operatorReasons.find((known) => known === choice.reason)
  if (email === undefined || password === undefined)
    throw new UsageError('Say who you are: --email, LATCHKEY_PASSWORD.')
  if (reason === undefined) throw new UsageError(`There is no reason ${choice.reason}.`)
  const client = createClient({ origin: choice.url })
  await client.call('login', { body: { email, password } })
  return {
    reason,
    ask: (attempt) => persist(client, password, () => attempt(client)),
    signOut: () => client.signOut(),
  }
}

const MAX_ATTEMPTS = 8

/** Proves anew who is there when five minutes are over, and waits while the service is busy, down or out of reach. */
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
