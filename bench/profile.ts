import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Profile, profile } from './support/inspector.ts'
import { installContenders } from './support/install.ts'
import { startGenerator } from './support/load.ts'
import { readOptions } from './support/options.ts'
import { print } from './support/print.ts'
import { openStand } from './support/stand.ts'
import { table } from './support/table.ts'

// `npm run bench -- profile --contender latchkey --operation profile`: shows which functions of the Worker
// take its time. The stores run in other isolates, so their time is idle here.
const CONNECTIONS = 10
const WARM_UP_SECONDS = 4
const SECONDS = 6
const SHOWN = 40

const { contenders, operations, json } = readOptions()
installContenders()
await using stand = await openStand(contenders, { isCheckingTokens: false, isInspected: true })
using generator = startGenerator()
for (const { name, operations: known } of contenders) {
  const worker = stand.workers.get(name)
  if (worker === undefined) continue
  const { origin, miniflare } = worker
  await generator.register({ contender: name, origin, people: CONNECTIONS })
  for (const operation of operations.filter((operation) => operation in known)) {
    const run = { contender: name, operation, origin, connections: CONNECTIONS }
    await generator.prepare({ contender: name, operation, home: origin })
    // An isolate reads from its inspector only while it has requests to answer.
    const load = generator.run({ ...run, seconds: WARM_UP_SECONDS + SECONDS + 2 })
    await pause(WARM_UP_SECONDS)
    const recording = await profile(await miniflare.getInspectorURL(), /^core:user:/)
    await pause(SECONDS)
    const recorded = await recording.stop()
    const count = Math.round((await load).perSecond * SECONDS)
    if (json !== undefined) writeFileSync(`${json}.${name}.${operation}.cpuprofile`, JSON.stringify(recorded))
    print(`## ${name}, ${operation}: about ${count} operations\n\n${selfTimes(recorded, count)}\n`)
  }
}

function pause(seconds: number) {
  return setTimeout(seconds * 1000)
}

/** Functions by the time that they were on top of the stack. */
function selfTimes({ nodes, samples, timeDeltas }: Profile, operations: number): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const micros = new Map<string, number>()
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id)
    const name = frame ? `${frame.functionName || '(anonymous)'}:${frame.lineNumber + 1}` : '?'
    micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[i] ?? 0))
  }
  const rows = [...micros].sort(([, a], [, b]) => b - a).slice(0, SHOWN)
  return table(
    ['function:line of the bundle', 'µs an operation'],
    rows.map(([name, total]) => [name, (total / operations).toFixed(1)]),
  )
}
