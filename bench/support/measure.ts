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
const MAX_QUIET_MS = 6000

/**
 * Measures one round, from an idle process to an idle process. The work of its queues then counts for the
 * round that caused it, and takes no time from the next round, which is another contender's.
 */
export async function measureRound(stand: Stand, generator: Generator, cell: Cell): Promise<Round> {
  const { contender, operation, connections, seconds } = cell
  const worker = stand.serverOf(contender, operation)
  const home = stand.workers.get(contender.name)?.origin ?? worker.origin
  const [name, origin] = [contender.name, worker.origin]
  const wasPrepared = await generator.prepare({ contender: name, operation, home })
  if (wasPrepared) await untilQuiet(worker)
  const before = processorMs([worker.pid])
  const tally = await generator.run({ contender: name, operation, origin, connections, seconds })
  await untilQuiet(worker)
  return { ...tally, cpuMs: (processorMs([worker.pid]) - before) / (tally.completed + tally.failed) }
}

/** Waits until the process has done next to nothing for as long as a message may wait in its queues. */
export async function untilQuiet({ pid, queueDelayMs }: ServedWorker): Promise<void> {
  const begun = performance.now()
  let busyAt = begun
  let used = processorMs([pid])
  for (let now = begun; now < begun + MAX_QUIET_MS && now <= busyAt + queueDelayMs + QUIET_STEP_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_STEP_MS))
    now = performance.now()
    const total = processorMs([pid])
    if (total - used >= QUIET_CPU_MS) busyAt = now
    used = total
  }
}
