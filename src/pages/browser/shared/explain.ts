import { isProblem } from '../../../client/problem.ts'
import { inTime, words } from './words.ts'

/** Why a form was refused. */
export interface Refusal {
  /** Beside the button. */
  readonly message?: string
  /** Beside the fields, by their names. */
  readonly fields: Readonly<Record<string, FieldRefusal>>
}

export interface FieldRefusal {
  readonly text: string
  /** The service's own reason, in English, if the page has no words for it. */
  readonly reason?: string
}

/**
 * A refusal that the page itself makes.
 * @param name of a message. Without one, the form says nothing
 * @param field beside which it is shown; otherwise beside the button
 */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(name?: string, field?: string) {
    super(name)
    const text = name === undefined ? undefined : messageOf(name)
    const fields = field === undefined || text === undefined ? {} : { [field]: { text } }
    this.refusal = { fields, ...(field === undefined && text !== undefined && { message: text }) }
  }
}

/**
 * What a form says about an error.
 * @param known the names of its fields. A problem of another member is told beside the button.
 */
export function explain(error: unknown, known: readonly string[] = []): Refusal {
  if (error instanceof Refused) return error.refusal
  if (!isProblem(error)) return { message: messageOf(navigator.onLine ? 'failed' : 'offline'), fields: {} }
  const { code, problem, retryAfterSeconds } = error
  const named = (problem.errors ?? []).map(({ pointer, detail }) => [pointer.slice(1), detail] as const)
  const fields = Object.fromEntries(
    named.filter(([name]) => known.includes(name)).map(([name, detail]) => [name, explainField(name, detail)]),
  )
  const isElsewhere = named.length === 0 || named.some(([name]) => !known.includes(name))
  return { fields, ...(isElsewhere && { message: messageOf(codeName(code), retryAfterSeconds) }) }
}

/** Whether the service refused one of these members of a request that no field of the form has. */
export const isRefused = (error: unknown, ...members: readonly string[]): boolean =>
  isProblem(error, 'validation_failed') &&
  error.problem.errors?.some(({ pointer }) => members.some((name) => `${pointer}/`.startsWith(`/${name}/`))) === true

const codeName = (code: string): string => (code === 'invalid_refresh_token' ? 'signed_out' : code)

/** The page's own words for a problem. */
export function messageOf(name: string, retryAfterSeconds = 60): string {
  const texts: Readonly<Record<string, string>> = words().messages
  return (texts[name] ?? words().messages.failed).replace('{time}', inTime(retryAfterSeconds))
}

function explainField(name: string, detail: string): FieldRefusal {
  const texts: Readonly<Record<string, string>> = { ...words().messages, ...words().passwordReasons }
  const text = texts[detail] ?? texts[`${name}_refused`]
  return text === undefined ? { text: words().messages.refused, reason: detail } : { text }
}
