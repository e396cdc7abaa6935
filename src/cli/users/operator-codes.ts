import { setTimeout as wait } from 'node:timers/promises'
import type { SecondFactorPrompt } from '../../client/second-factor.ts'
import { totpCode, totpParameters, totpStep } from '../../crypto/totp.ts'
import { askLine, canAsk } from '../shared/ask-line.ts'
import { note } from '../shared/command-result.ts'
import { UsageError } from '../shared/usage-error.ts'

/** Where an operator's codes come from. */
export interface CodeOptions {
  /** The value of `LATCHKEY_TOTP`. */
  readonly given: string | undefined
  /** Asks a person for one line. Undefined without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  readonly clock: Clock
}

/** Gives a code of six digits. @throws Error if there is none */
export type AskCode = (prompt: SecondFactorPrompt) => Promise<{ readonly totp: string }>

interface Clock {
  /** Unix milliseconds. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<unknown>
}

/** Codes that the service refuses before a command gives up. The service locks the app after five. */
const MAX_REFUSED = 3
const PERIOD_MS = totpParameters.periodSeconds * 1000
const CODE = /^\d{6}$/
/** At least 128 bits, as an import takes them: so no code can be mistaken for a secret. */
const SECRET = /^[A-Z2-7]{26,}$/

/**
 * Finds the codes of an operator's authenticator app: those of `LATCHKEY_TOTP`, which is one code or the
 * secret of the app, or those that a person types.
 * @returns a function that throws when there is no further code: UsageError if there never was one
 * @throws UsageError for a value of `LATCHKEY_TOTP` that is neither. The message does not repeat it
 */
export function findCodes({ given, ask, clock }: CodeOptions = ofThisProcess()): AskCode {
  const typed = ask && fromTerminal(ask)
  const value = (given ?? '').replaceAll(/[\s=-]/g, '').toUpperCase()
  if (value === '') return typed ?? refuseWithoutTerminal
  if (CODE.test(value)) return fromOneCode(value, typed)
  if (SECRET.test(value)) return fromSecret(value, clock)
  throw new UsageError('LATCHKEY_TOTP must be a code of six digits, or the secret of the authenticator app in base32.')
}

const ofThisProcess = (): CodeOptions => ({
  given: process.env.LATCHKEY_TOTP,
  ask: canAsk() ? askLine : undefined,
  clock: { now: Date.now, wait },
})

async function refuseWithoutTerminal(): Promise<never> {
  throw new UsageError(
    'The account needs a code of its authenticator app: set LATCHKEY_TOTP, or run the command in a terminal.',
  )
}

/** The service accepts each time step once, so the next code may have to be waited for. */
function fromSecret(secret: string, clock: Clock): AskCode {
  let lastStep = 0
  return async ({ rejected }) => {
    if (rejected >= MAX_REFUSED)
      throw new Error(
        `the service refused ${MAX_REFUSED} codes of the secret in LATCHKEY_TOTP. Either it is not the secret of this ` +
          'account, or the clock of this machine is wrong, or other commands use the same secret at the same time',
      )
    while (totpStep(clock.now()) <= lastStep) {
      const ms = (lastStep + 1) * PERIOD_MS - clock.now()
      // Another command may have used the code that was refused.
      const reason =
        rejected > 0 ? 'The service refused the code, or another command has used it.' : 'A code works once.'
      note(`${reason} Waiting ${Math.ceil(ms / 1000)} seconds for the next one.`)
      await clock.wait(ms)
    }
    lastStep = totpStep(clock.now())
    return { totp: totpCode(secret, lastStep * PERIOD_MS) }
  }
}

/** @param next gives further codes, if there is a terminal */
function fromOneCode(code: string, next: AskCode | undefined): AskCode {
  let isUsed = false
  return async (prompt) => {
    if (isUsed && next !== undefined) return await next(prompt)
    if (isUsed && prompt.rejected > 0)
      throw new Error('the service refused the code in LATCHKEY_TOTP: it is wrong, or was used before')
    if (isUsed)
      throw new Error(
        'a further code is needed, because a sign-in counts as recent for five minutes, and a code works once. Run the ' +
          'same command again with a new LATCHKEY_TOTP: it continues',
      )
    isUsed = true
    return { totp: code }
  }
}

function fromTerminal(ask: (question: string) => Promise<string>): AskCode {
  return async ({ purpose, rejected }) => {
    if (rejected >= MAX_REFUSED) throw new Error(`the service refused ${MAX_REFUSED} codes`)
    if (rejected > 0) note('The service refused that code: it is wrong, or was used before. Wait for the next one.')
    else if (purpose === 'step-up') note('To go on, the service asks for a new code.')
    for (;;) {
      const totp = (await ask('Code of the authenticator app: ')).replaceAll(/\s/g, '')
      if (CODE.test(totp)) return { totp }
      note('A code has six digits.')
    }
  }
}
