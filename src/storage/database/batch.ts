import { SQL } from 'drizzle-orm'
import type { Statement } from './prepared.ts'
import { hand } from './returned-rows.ts'
import { decode } from './rows.ts'

/** A change, and the statements that say that it took place. Nothing can come between them: see `recorded`. */
export interface Recorded<Row> {
  readonly change: Statement<Row>
  readonly record: readonly Statement[]
}

/** One step of a batch. An absent one is left out; of a list of steps the caller gets no rows. */
export type Step = Statement | Recorded<unknown> | readonly Step[] | undefined

export type Steps = Readonly<Record<string, Step>>

/** The rows that a step answers with. */
export type RowsOf<One> = One extends undefined
  ? never[]
  : One extends readonly Step[]
    ? undefined
    : One extends Recorded<infer Row>
      ? Row[]
      : One extends Statement<infer Row>
        ? Row[]
        : never

/** The rows of each step, by its name. */
export type Answers<Named extends Steps> = { -readonly [Name in keyof Named]: RowsOf<Named[Name]> }

/** The statements of the steps, in the order in which they are written. */
export const statementsOf = (steps: Steps): Statement[] => Object.values(steps).flatMap(flatten)

function flatten(step: Step): Statement[] {
  if (step === undefined) return []
  if (isList(step)) return step.flatMap(flatten)
  return isRecorded(step) ? [step.change, ...step.record] : [step]
}

/**
 * Gives every step its rows, and the outbox what it takes.
 * @param results rows of each statement, in the order of `statementsOf`
 */
export function answer<const Named extends Steps>(
  steps: Named,
  results: readonly (readonly unknown[])[],
): Answers<Named> {
  const statements = statementsOf(steps)
  const decoded = statements.map((statement, i) => decode(statement, results[i] ?? []))
  statements.forEach((statement, i) => {
    hand(statement, decoded[i] ?? [])
  })
  let at = 0
  const answers = Object.entries(steps).map(([name, step]) => {
    const rows = step === undefined ? [] : decoded[at]
    at += flatten(step).length
    return [name, rows ?? []] as const
  })
  return Object.fromEntries(answers) as Answers<Named>
}

const isList = (step: Step): step is readonly Step[] => Array.isArray(step)

const isRecorded = (step: Exclude<Step, undefined>): step is Recorded<unknown> =>
  'change' in step && !(step instanceof SQL)
