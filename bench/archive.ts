import { createEventSample } from './archive/sample.ts'
import { print } from './support/print.ts'
import { median } from './support/statistics.ts'
import { table } from './support/table.ts'

// `npm run bench -- archive`: the processor time of a batch of a hundred events in the consumer, without its
// stores: checking the seals, making the lines with their pseudonyms, hashing and signing the segment, and
// appending its lines to the tree.
// Measured in Node, whose functions for HMAC and signatures are native, as those of workerd.
const ROUNDS = 60
const WARM_UP = 20
const EVENTS = 100

const sample = await createEventSample(EVENTS)
const steps = {
  'sealing the events (in the requests)': sample.seal,
  'checking the seals': sample.check,
  'lines and pseudonyms': sample.makeLines,
  'hashing, signing and writing the segment': sample.makeSegment,
  'checking the tree (an isolate that did not write it)': sample.readTree,
  'growing and signing the tree': sample.growTree,
} as const

const millis = new Map<string, number[]>()
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  for (const [name, run] of Object.entries(steps)) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    if (round >= WARM_UP) millis.set(name, [...(millis.get(name) ?? []), (user + system) / 1000])
  }
}

const rows = Object.keys(steps).map((name) => [name, median(millis.get(name) ?? []).toFixed(2)])
print(`## A batch of ${EVENTS} events of ${EVENTS} persons\n\n${table(['step', 'ms of processor time'], rows)}\n`)
print(`A segment of ${EVENTS} events has ${sample.bytes()} bytes.\n`)
