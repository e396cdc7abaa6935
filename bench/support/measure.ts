import type { Contender, OperationName } from './contender.ts'
import type { Generator, Tally } from './load.ts'
import type { ServedWorker } from './serve.ts'
import type { Stand } from './stand.ts'
import { processorMs } from './workerd-process.ts'

/** One measured round. */
export interface Round extends Tally {
  /** Processor time of the serving workerd for each operation, including the work behind the answer. */
  readonly cpuMs: number
}

export interface Cell {
  readonly contender: Contender
  readonly operation: OperationName
  readonly connections: number
  readonly seconds: number
}

const QUIET_STEP_MS = 60
/** The kernel counts hundredths of a second. */
const QUIET_CPU_MS = 10
const MAX_QUIET_MS = 4000

/**
 * Measures one round, from an idle process to an idle process. The work of its queues then counts for the
 * round that caused it.
 */
export async function measureRound(stand: Stand, generator: Generator, cell: Cell): Promise<Round> {
  const { contender, operation, connections, seconds } = cell
  const worker = stand.serverOf(contender, operation)
  const home = stand.workers.get(contender.name)?.origin ?? worker.origin
  const [name, origin] = [contender.name, worker.origin]
  await generator.prepare({ contender: name, operation, home })
  await untilQuiet(worker)
  const before = processorMs([worker.pid])
  const tally = await generator.run({ contender: name, operation, origin, connections, seconds })
  await untilQuiet(worker)
  return { ...tally, cpuMs: (processorMs([worker.pid]) - before) / (tally.completed + tally.failed) }
}

/** Waits until the process does next to nothing. */
export async function untilQuiet({ pid }: ServedWorker): Promise<void> {
  const until = performance.now() + MAX_QUIET_MS
  for (let used = processorMs([pid]); performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_STEP_MS))
    const now = processorMs([pid])
    if (now - used < QUIET_CPU_MS) return
    used = now
  }
}
