import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '../../client/client.ts'
import { isProblem, type ProblemError } from '../../client/problem.ts'
import { askUntilAccepted, type SecondFactorAsked, SecondFactorRequiredError } from '../../client/second-factor.ts'
import { ONE_FACTOR } from '../../core/assurance.ts'
import type { operatorReasons } from '../../core/operator.ts'
import { UsageError } from '../shared/usage-error.ts'
import { explainRefusal } from './explain-refusal.ts'
import { type AskCode, findCodes } from './operator-codes.ts'

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

interface Session {
  readonly client: Client
  readonly url: string
  readonly password: string
  readonly codes: AskCode
}

/**
 * Signs in, with a second factor if the account needs one.
 * @param codes finds a code of the authenticator app; it is not called for an account with one factor
 * @throws UsageError without address or password, or without a code that is needed
 * @throws ProblemError
 * @throws Error if the service refuses the code, or takes none now
 */
export async function signInOperator(choice: OperatorChoice, codes = findCodes()): Promise<Operator> {
  const { email, reason, url } = choice
  const { LATCHKEY_PASSWORD: password } = process.env
  if (email === undefined || password === undefined) throw new UsageError('Set --email and LATCHKEY_PASSWORD.')
  const client = createClient({ origin: url })
  const session = { client, url, password, codes }
  try {
    await client.call('login', { body: { email, password } })
  } catch (error) {
    if (!(error instanceof SecondFactorRequiredError)) throw explainRefusal(error, url)
    await finishSignIn(session, error.asked)
  }
  return { reason, ask: (attempt) => persist(session, () => attempt(client)), signOut: () => client.signOut() }
}

async function finishSignIn(session: Session, { mfa_token, methods }: SecondFactorAsked): Promise<void> {
  const { client, url } = session
  if (!methods.includes('totp'))
    throw new Error(
      'the account has no authenticator app, and commands take no other second factor. Add one at ' +
        new URL('/account/security', url),
    )
  await prove(session, 'sign-in', (code) => client.call('proveSecondFactor', { body: { mfa_token, ...code } }))
}

/** Asks for a code until the service accepts one. */
async function prove(
  { codes, url }: Session,
  purpose: 'sign-in' | 'step-up',
  attempt: (code: { readonly totp: string }) => Promise<unknown>,
): Promise<void> {
  try {
    await askUntilAccepted(codes, { purpose, methods: ['totp'] }, attempt)
  } catch (error) {
    throw explainRefusal(error, url)
  }
}

const MAX_ATTEMPTS = 8

/**
 * Steps up again when the proof of five minutes has expired, and waits while the service is busy, down or out
 * of reach.
 */
async function persist<T>(session: Session, attempt: () => Promise<T>): Promise<T> {
  let expired: ProblemError | undefined
  for (let tried = 1; ; tried++) {
    try {
      if (expired !== undefined) await stepUp(session, expired)
      expired = undefined
      return await attempt()
    } catch (error) {
      if (tried >= MAX_ATTEMPTS) throw error
      if (isProblem(error, 'step_up_required')) expired = error
      else if (isProblem(error, 'rate_limited', 'unavailable', 'internal_error') || error instanceof TypeError)
        await wait(1000 * (isProblem(error) ? (error.retryAfterSeconds ?? tried) : tried))
      else throw explainRefusal(error, session.url)
    }
  }
}

/** An account with two factors steps up with a code. The service compares no password for it. */
async function stepUp(session: Session, { neededLevel = ONE_FACTOR }: ProblemError): Promise<void> {
  const { client, password } = session
  if (neededLevel === ONE_FACTOR) {
    try {
      await client.call('stepUp', { body: { password } })
      return
    } catch (error) {
      if (!isProblem(error, 'second_factor_required')) throw error
    }
  }
  await prove(session, 'step-up', (code) => client.call('stepUp', { body: code }))
}
