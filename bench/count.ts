import { writeCountedEntry } from './counting/entry.ts'
import type { StoreCall, StoreKind } from './counting/recorder.ts'
import { takeCalls } from './counting/take-calls.ts'
import { type Contender, type OperationName, operationTitles } from './support/contender.ts'
import { installContenders } from './support/install.ts'
import { type Generator, startGenerator } from './support/load.ts'
import { readOptions } from './support/options.ts'
import { print } from './support/print.ts'
import { openStand, type Stand } from './support/stand.ts'
import { sum } from './support/statistics.ts'
import { table } from './support/table.ts'

// `npm run bench -- count`: counts the calls of one operation to the stores, and its waits in sequence.
const WARM_UPS = 2
const HEADINGS = ['', 'D1 calls (statements)', 'rows read', 'KV', 'R2', 'queue', 'waits in a row', 'behind the answer']

const { contenders, operations } = readOptions()
installContenders()
await using stand = await openStand(contenders, { isCheckingTokens: false, script: writeCountedEntry })
using generator = startGenerator()
await countAll(stand, generator)

async function countAll({ workers }: Stand, generator: Generator): Promise<void> {
  for (const { name } of contenders)
    await generator.register({ contender: name, origin: workers.get(name)?.origin ?? '', people: 1 })
  for (const operation of operations) {
    const rows: string[][] = []
    for (const contender of contenders) {
      const known = contender.operations[operation]
      const origin = workers.get(contender.name)?.origin
      if (known === undefined || known.servedBy !== undefined || origin === undefined) continue
      rows.push(row(contender, await count(generator, contender, operation, origin)))
    }
    if (rows.length > 0) print(`## ${operationTitles[operation]}\n\n${table(HEADINGS, rows)}\n`)
  }
}

/** @returns the calls of one operation with warm isolate caches */
async function count(
  generator: Generator,
  { name }: Contender,
  operation: OperationName,
  origin: string,
): Promise<readonly StoreCall[]> {
  await generator.prepare({ contender: name, operation, home: origin })
  for (let i = 0; i < WARM_UPS; i++) await generator.once({ contender: name, operation, origin })
  await takeCalls(origin)
  await generator.once({ contender: name, operation, origin })
  return takeCalls(origin)
}

function row({ title }: Contender, calls: readonly StoreCall[]): string[] {
  const before = calls.filter(({ isAfter }) => !isAfter)
  const of = (store: StoreKind) => before.filter((call) => call.store === store)
  const d1 = of('D1')
  return [
    title,
    `${d1.length} (${sum(d1, ({ statements }) => statements)})`,
    String(sum(d1, ({ rowsRead }) => rowsRead)),
    String(of('KV').length),
    String(of('R2').length),
    String(of('queue').length),
    String(Math.max(0, ...before.map(({ depth }) => depth))),
    calls
      .filter(({ isAfter }) => isAfter)
      .map(({ store, method }) => `${store}.${method}`)
      .join(', '),
  ]
}
