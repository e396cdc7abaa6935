import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { measureArchive } from './support/archive-round.ts'
import { chart } from './support/chart.ts'
import type { Contender, OperationName } from './support/contender.ts'
import { installContenders } from './support/install.ts'
import { type Generator, startGenerator } from './support/load.ts'
import { measureRound, type Round } from './support/measure.ts'
import { type Level, type Options, readOptions } from './support/options.ts'
import { note, print } from './support/print.ts'
import { report } from './support/report.ts'
import type { Memory, Result, Results } from './support/results.ts'
import { openStand, type Stand } from './support/stand.ts'
import { peakResidentMib } from './support/workerd-process.ts'

// `npm run bench`: compares Latchkey with other libraries, on the same work in the same run.
const WARM_UP = { connections: 50, seconds: 2.5 }
const ARCHIVE_ROUNDS = 3
/** The connections of the overview and of the chart. */
const MAIN_CONNECTIONS = 50

const PREFACE = `# Latchkey beside others

Written by \`npm run bench\`; [bench/README.md](../bench/README.md) describes what is measured and how.

![Operations a second at 50 connections](benchmark.svg)`

const options = readOptions()
installContenders()
const begunAt = performance.now()
await using stand = await openStand(options.contenders, {
  isCheckingTokens: options.operations.includes('token-check'),
})
using generator = startGenerator()
const results = await measureAll()
keep(results)
process.exitCode = results.results.some(({ rounds }) => rounds.some(({ failed }) => failed > 0)) ? 1 : 0

async function measureAll(): Promise<Results> {
  await registerEverybody(stand, generator, options)
  const measured: Result[] = []
  for (const operation of inOrder(options.operations)) {
    const able = options.contenders.filter((contender) => operation in contender.operations)
    if (operation === 'archive') measured.push(...(await measureArchives(stand, options.contenders)))
    else if (able.length > 0) measured.push(...(await measureOperation(operation, able)))
  }
  const [processor] = cpus()
  return {
    results: measured,
    memory: options.contenders.map(({ name }) => readMemory(stand, name)),
    minutes: (performance.now() - begunAt) / 60_000,
    machine: `${processor?.model ?? 'an unknown processor'}, ${cpus().length} of them`,
  }
}

/** Operations that leave a thousand sessions of one user come last. */
function inOrder(operations: readonly OperationName[]): OperationName[] {
  const isLast = (operation: OperationName) => Number(operation === 'register' || operation === 'sign-in')
  return [...operations].sort((a, b) => isLast(a) - isLast(b))
}

async function registerEverybody({ workers }: Stand, { register }: Generator, { contenders, levels }: Options) {
  const people = Math.max(WARM_UP.connections, ...levels.map(({ connections }) => connections))
  for (const { name } of contenders) {
    note(`${people} people register with ${name}`)
    await register({ contender: name, origin: workers.get(name)?.origin ?? '', people })
  }
}

async function measureOperation(operation: OperationName, able: readonly Contender[]): Promise<Result[]> {
  note(`${operation}: warm-up`)
  for (const contender of able) await measureRound(stand, generator, { contender, operation, ...WARM_UP })
  const measured: Result[] = []
  for (const level of options.levels) {
    note(`${operation}: ${level.connections} connections`)
    const rounds = await interleave(operation, able, level)
    const { connections } = level
    measured.push(...able.map(({ name }, i) => ({ contender: name, operation, connections, rounds: rounds[i] ?? [] })))
  }
  return measured
}

/**
 * Runs the first round of all contenders, then the second. Each round starts with another contender.
 * @returns rounds by contender
 */
async function interleave(operation: OperationName, able: readonly Contender[], level: Level): Promise<Round[][]> {
  const { connections, seconds, rounds } = level
  const measured: Round[][] = able.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < able.length; turn++) {
      const at = (turn + round) % able.length
      const contender = able[at]
      if (contender === undefined) continue
      const result = await measureRound(stand, generator, { contender, operation, connections, seconds })
      for (const error of result.errors) note(`${contender.name}: ${error}`)
      measured[at]?.push(result)
    }
  }
  return measured
}

/** Only Latchkey has an archive. */
async function measureArchives({ workers }: Stand, contenders: readonly Contender[]): Promise<Result[]> {
  const worker = workers.get('latchkey')
  if (worker === undefined || !contenders.some(({ name }) => name === 'latchkey')) return []
  note('archive')
  await measureArchive(worker)
  const rounds: Round[] = []
  for (let i = 0; i < ARCHIVE_ROUNDS; i++) rounds.push(await measureArchive(worker))
  return [
    {
      contender: 'latchkey',
      operation: 'archive',
      connections: options.levels[0]?.connections ?? MAIN_CONNECTIONS,
      rounds,
    },
  ]
}

function readMemory({ workers }: Stand, name: string): Memory {
  const worker = workers.get(name)
  return {
    contender: name,
    peakMib: worker ? peakResidentMib(worker.pid) : Number.NaN,
    bundleKib: (worker?.bundleBytes ?? Number.NaN) / 1024,
  }
}

function keep(results: Results): void {
  const text = report(results)
  print(text)
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(results))
  if (!options.isComplete) return
  writeFileSync('docs/benchmark.md', `${PREFACE}\n\n${text}\n`)
  writeFileSync('docs/benchmark.svg', chart(results, MAIN_CONNECTIONS))
  writeFileSync('docs/benchmark.json', JSON.stringify(results))
  print('\nKept in docs/benchmark.md, .svg and .json.')
}
