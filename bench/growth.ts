import { parseArgs } from 'node:util'
import { latchkey } from './contenders/latchkey/contender.ts'
import { writeCountedEntry } from './counting/entry.ts'
import { takeCalls } from './counting/take-calls.ts'
import { type OperationName, operationTitles } from './support/contender.ts'
import { growHistory, growUsers } from './support/grow.ts'
import { installContenders } from './support/install.ts'
import { startGenerator } from './support/load.ts'
import { measureRound } from './support/measure.ts'
import { note, print } from './support/print.ts'
import { openStand } from './support/stand.ts'
import { sum } from './support/statistics.ts'
import { table } from './support/table.ts'

// `npm run bench -- growth`: measures whether an operation costs more with more rows, of all users or of one.
const USERS = [1000, 100_000, 1_000_000]
const HISTORY = [1, 100, 10_000]
const ASKED_OF_ALL: readonly OperationName[] = [
  'profile',
  'session',
  'update',
  'refresh',
  'export',
  'register',
  'sign-in',
]
const ASKED_OF_ONE: readonly OperationName[] = [...ASKED_OF_ALL, 'sessions', 'activity'].filter(
  (name): name is OperationName => name !== 'register',
)

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, users: { type: 'string', default: '1000000' } },
})
const seconds = Number(options.seconds)
installContenders()
await using stand = await openStand([latchkey], { isCheckingTokens: false, script: writeCountedEntry })
using generator = startGenerator()
const worker = stand.serverOf(latchkey, 'profile')
const { origin, miniflare } = worker
const db = await miniflare.getD1Database('DB')

const sizes = USERS.filter((count) => count <= Number(options.users))
const ofAll = await measureStages(sizes, { operations: ASKED_OF_ALL, connections: 10 }, async (size, before) => {
  await growUsers(db, before + 1, size)
  await register(10)
})
print(`## As users grow, at 10 connections\n\n${ofAll}\n`)
const ofOne = await measureStages(HISTORY, { operations: ASKED_OF_ONE, connections: 1 }, async (size) => {
  await register(1)
  await growHistory(db, size)
})
print(`## As the sessions and events of one person grow, at 1 connection\n\n${ofOne}`)

/** New users each time, so that none has rows of an earlier measurement. */
function register(people: number): Promise<void> {
  return generator.register({ contender: latchkey.name, origin, people })
}

interface Asked {
  readonly operations: readonly OperationName[]
  readonly connections: number
}

/**
 * For each stage: adds rows, counts the rows that each operation reads, and then measures its time.
 * @returns a table
 */
async function measureStages(
  stages: readonly number[],
  { operations, connections }: Asked,
  grow: (size: number, before: number) => Promise<void>,
): Promise<string> {
  const cells = new Map<OperationName, string[]>(operations.map((name) => [name, []]))
  for (const [i, size] of stages.entries()) {
    note(`growing to ${size}`)
    await grow(size, stages[i - 1] ?? 0)
    const rows = new Map<OperationName, number>()
    for (const operation of operations) rows.set(operation, await countRows(operation))
    for (const operation of operations)
      cells.get(operation)?.push(`${await measureTime(operation, connections)} / ${rows.get(operation)}`)
  }
  const rows = [...cells].map(([name, figures]) => [operationTitles[name], ...figures])
  return table(['p50 ms / CPU ms / rows read', ...stages.map((size) => size.toLocaleString('en'))], rows)
}

async function countRows(operation: OperationName): Promise<number> {
  await takeCalls(origin)
  await generator.once({ contender: latchkey.name, operation, origin })
  return sum(await takeCalls(origin), ({ rowsRead }) => rowsRead)
}

async function measureTime(operation: OperationName, connections: number): Promise<string> {
  const cell = { contender: latchkey, operation, connections }
  await measureRound(stand, generator, { ...cell, seconds: seconds / 2 })
  const { p50Ms, cpuMs, errors } = await measureRound(stand, generator, { ...cell, seconds })
  for (const error of errors) note(error)
  return `${p50Ms.toFixed(1)} / ${cpuMs.toFixed(2)}`
}
