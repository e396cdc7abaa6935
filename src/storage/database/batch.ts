import type { SQL } from 'drizzle-orm'
import { answerTo, type Result, type Runnable, type Statement } from './statement.ts'

/** A change and the statements that record it. No other statement can run between them: see `recorded`. */
export interface Recorded<Row> {
  readonly change: Runnable<Row>
  readonly record: readonly Runnable[]
}

/** One step of a batch. An undefined step is left out. A list of steps returns no rows to the caller. */
export type Step = Runnable | Recorded<unknown> | readonly Step[] | undefined

export type Steps = Readonly<Record<string, Step>>

/** The rows that a step returns. */
export type RowsOf<One> = One extends undefined
  ? never[]
  : One extends readonly Step[]
    ? undefined
    : One extends Recorded<infer Row>
      ? Row[]
      : One extends Statement<infer Row>
        ? Row[]
        : One extends SQL
          ? unknown[]
          : never

/** The rows of each step, by the step's name. */
export type BatchRows<Named extends Steps> = { -readonly [Name in keyof Named]: RowsOf<Named[Name]> }

/** The statements of the steps, in the order in which they were written. */
export const statementsOf = (steps: Steps): Runnable[] => Object.values(steps).flatMap(flatten)

function flatten(step: Step): Runnable[] {
  if (step === undefined) return []
  if (isList(step)) return step.flatMap(flatten)
  return isRecorded(step) ? [step.change, ...step.record] : [step]
}

/**
 * Reads the rows of every step, then runs the consequences of all statements.
 * @param results of each statement, in the order of `statementsOf`
 */
export function answerSteps<const Named extends Steps>(steps: Named, results: readonly Result[]): BatchRows<Named> {
  const answers = statementsOf(steps).map((statement, i) => answerTo(statement, results[i] ?? NO_ROWS))
  for (const { runConsequences } of answers) runConsequences()
  let at = 0
  const named = Object.entries(steps).map(([name, step]) => {
    const rows = step === undefined ? [] : answers[at]?.rows
    at += flatten(step).length
    return [name, rows ?? []] as const
  })
  return Object.fromEntries(named) as BatchRows<Named>
}

const NO_ROWS: Result = { rows: [], changed: 0 }

const isList = (step: Step): step is readonly Step[] => Array.isArray(step)

const isRecorded = (step: Exclude<Step, undefined>): step is Recorded<unknown> => 'change' in step
