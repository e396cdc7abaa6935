import type { KeptRequest, RequestKeeper } from './mail-sign-in.ts'
import type { Send, TaskAnswer, TaskOutcome } from './outcome.ts'
import type { Passkeys } from './passkeys.ts'

/** What a page knows between two forms. A reload or another page forgets it. */
export interface Memory {
  /** The session of the sign-in page. */
  session?: Session | undefined
  secondStep?: SecondStep | undefined
  /** Allows to add the first second factor without a session. */
  enrolmentToken?: string | undefined
  restoreToken?: string | undefined
  /** The request for a mail that signs in. */
  mailRequest?: KeptRequest | undefined
  /** The authenticator application that is being added. */
  adding?: Adding | undefined
  /** A passkey that the browser has made for an enrolment, and that the service does not have yet. */
  made?: { readonly ticket: unknown; readonly credential: unknown } | undefined
  /** Repeats the request that requires a step-up. */
  interrupted?: (() => Promise<TaskOutcome>) | undefined
  stepUp?: StepUpViews
  /** The address of the account, and the request for a code that is mailed to it. */
  address?: unknown
  stepUpRequest?: unknown
  /** The id of the passkey that is being renamed or removed. */
  chosen?: string | undefined
}

/** The states in which the account steps up. */
export interface StepUpViews {
  readonly first: string
  /** For an account that accepts no single factor. */
  readonly two: string
}

export interface Session {
  readonly accessToken: string
  readonly refreshToken: unknown
}

/** A sign-in whose first factor was right. */
interface SecondStep {
  readonly mfaToken: unknown
  /** Unix milliseconds. */
  readonly expiresAtMs: number
  /** The options for a passkey, if the account has one. */
  readonly publicKey: unknown
  readonly goOn: GoOn
}

interface Adding {
  readonly ticket: unknown
  /** Unix milliseconds. */
  readonly expiresAtMs: number
}

/** What a task gets from its page. */
export interface OpenPage {
  readonly send: Send
  readonly memory: Memory
  /** The token of the link that opened the page. */
  readonly token: string
  /** Of dates and lists, such as `de`. */
  readonly language: string
  /** Undefined: the browser has none. */
  readonly passkeys?: Passkeys | undefined
  readonly requests?: RequestKeeper
}

/** What a page does with the session of a completed sign-in. */
export type GoOn = (page: OpenPage, signedIn: TaskAnswer) => Promise<TaskOutcome>

/** The session in the answer of a sign-in. */
export function sessionIn({ body }: TaskAnswer): Session | undefined {
  const { access_token: accessToken, refresh_token: refreshToken } = body
  return typeof accessToken === 'string' ? { accessToken, refreshToken } : undefined
}

/** Ends a session of this page. A failure is ignored, because nothing keeps the tokens. */
export async function endSession({ send }: OpenPage, refreshToken: unknown): Promise<void> {
  if (refreshToken !== undefined) await send('auth/logout', { refresh_token: refreshToken })
}
