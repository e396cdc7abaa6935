import { parseArgs } from 'node:util'
import { versions } from './contenders/index.ts'
import { type OperationName, operationNames } from './support/contender.ts'
import { installContenders } from './support/install.ts'
import { type Generator, startGenerator } from './support/load.ts'
import { measureRound, type Round } from './support/measure.ts'
import { note, print } from './support/print.ts'
import { openStand, type Stand } from './support/stand.ts'
import { median, medianInterval } from './support/statistics.ts'
import { table } from './support/table.ts'

// `BENCH_BEFORE=../other-checkout npm run bench -- before`: this version beside the one in another folder.
// A process keeps the luck of its start, such as where its memory is and what V8 compiled when: two processes
// of the same code differ by a tenth. So both versions are started several times, each time the other one
// first, and the result has as many independent values as there were starts.
const { values } = parseArgs({
  options: {
    operation: { type: 'string', default: 'sign-in' },
    connections: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '1' },
    /** Pairs of a start. A pair is one turn of each version, shortly after each other. */
    rounds: { type: 'string', default: '6' },
    /** With fewer than six the interval is too narrow. */
    starts: { type: 'string', default: '8' },
  },
})
const operation = readOperation(values.operation)
const connections = Number(values.connections)
const seconds = Number(values.seconds)
const WARM_UP = { connections, seconds: 2.5 }
const WARM_UPS = 2

interface Pair {
  readonly before: Round
  readonly now: Round
}

if (versions.length === 0) throw new Error('BENCH_BEFORE has to name the folder of another checkout')
installContenders()
using generator = startGenerator()
const starts: Pair[][] = []
for (let start = 0; start < Number(values.starts); start++) {
  note(`start ${start + 1} of ${values.starts}`)
  await using stand = await openStand(start % 2 === 0 ? versions : versions.toReversed(), { isCheckingTokens: false })
  starts.push(await measureStart(stand, generator))
}
report()

async function measureStart(stand: Stand, { register }: Generator): Promise<Pair[]> {
  for (const { name } of versions)
    await register({ contender: name, origin: stand.workers.get(name)?.origin ?? '', people: connections })
  const turn = async (name: string, cell = { connections, seconds }) => {
    const contender = versions.find((version) => version.name === name)
    if (contender === undefined) throw new Error(`there is no version ${name}`)
    const round = await measureRound(stand, generator, { contender, operation, ...cell })
    for (const error of round.errors) note(`${name}: ${error}`)
    if (round.failed > 0) process.exitCode = 1
    return round
  }
  for (let i = 0; i < WARM_UPS; i++) for (const { name } of versions) await turn(name, WARM_UP)
  const pairs: Pair[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const first = await turn(round % 2 === 0 ? 'before' : 'now')
    const second = await turn(round % 2 === 0 ? 'now' : 'before')
    pairs.push(round % 2 === 0 ? { before: first, now: second } : { before: second, now: first })
  }
  return pairs
}

function report(): void {
  const all = starts.flat()
  const row = (title: string, pick: (round: Round) => number, digits: number) => {
    const ratios = starts.map((pairs) => median(pairs.map(({ before, now }) => pick(now) / pick(before))))
    const [least, most] = medianInterval(ratios)
    return [
      title,
      median(all.map(({ before }) => pick(before))).toFixed(digits),
      median(all.map(({ now }) => pick(now))).toFixed(digits),
      `${median(ratios).toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`,
      ratios.map((ratio) => ratio.toFixed(2)).join(' '),
    ]
  }
  print(
    `${operation} at ${connections} connections, ${starts.length} starts with ${values.rounds} pairs of turns each:\n`,
  )
  print(
    table(
      ['', 'before', 'now', 'now to before (95 % interval)', 'of each start'],
      [
        row('a second', ({ perSecond }) => perSecond, 1),
        row('p50 ms', ({ p50Ms }) => p50Ms, 1),
        row('CPU ms', ({ cpuMs }) => cpuMs, 2),
      ],
    ),
  )
}

function readOperation(text: string): OperationName {
  const found = operationNames.find((name) => name === text)
  if (found === undefined || found === 'archive' || found === 'token-check')
    throw new Error(`${text} is no operation of one process`)
  return found
}
