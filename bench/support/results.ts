import type { OperationName } from './contender.ts'
import type { Round } from './measure.ts'
import { median } from './statistics.ts'

/** All rounds of one contender and operation with this many connections. */
export interface Result {
  readonly contender: string
  readonly operation: OperationName
  readonly connections: number
  readonly rounds: readonly Round[]
}

export interface Memory {
  readonly contender: string
  readonly peakMib: number
  readonly bundleKib: number
}

export interface Results {
  readonly results: readonly Result[]
  readonly memory: readonly Memory[]
  readonly minutes: number
  readonly machine: string
}

export interface CellName {
  readonly contender: string
  readonly operation: OperationName
  readonly connections: number
}

/** The result with that name, if it was measured. */
export function findResult({ results }: Pick<Results, 'results'>, name: CellName): Result | undefined {
  return results.find(
    ({ contender, operation, connections }) =>
      contender === name.contender && operation === name.operation && connections === name.connections,
  )
}

export const perSecond = ({ rounds }: Result): number => median(rounds.map((round) => round.perSecond))

/**
 * Compares two contenders by the median of the ratios of each round. The two rounds of a pair run shortly
 * after each other, so other work of the machine affects both.
 */
export function ratio(one: Result, other: Result): number {
  return median(one.rounds.map((round, i) => round.perSecond / (other.rounds[i]?.perSecond ?? Number.NaN)))
}
