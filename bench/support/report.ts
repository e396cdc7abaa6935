import { contenders } from '../contenders/index.ts'
import { type Contender, type OperationName, operationNames, operationTitles } from './contender.ts'
import { findResult, perSecond, type Result, type Results, ratio } from './results.ts'
import { median, sum } from './statistics.ts'
import { table } from './table.ts'
import { judge } from './targets.ts'

const NONE = '—'
const MAIN_CONNECTIONS = 50

/** Formats every figure of a run in Markdown. */
export function report(results: Results): string {
  const levels = [...new Set(results.results.map(({ connections }) => connections))].sort((a, b) => b - a)
  const main = levels.includes(MAIN_CONNECTIONS) ? MAIN_CONNECTIONS : (levels[0] ?? MAIN_CONNECTIONS)
  return [
    summary(results, main),
    '## Targets',
    targets(results),
    '## Memory and size',
    memory(results),
    ...levels.flatMap((level) => [`## Everything at ${level} connections`, ...details(results, level)]),
  ].join('\n\n')
}

/** One table: operations a second of each contender. */
function summary(results: Results, connections: number): string {
  return [
    `Operations a second at ${connections} connections; in brackets, the multiple of the platform's floor in the same rounds. ${NONE}: it does not offer this.`,
    overview(results, connections),
    `Measured on ${results.machine}, in ${results.minutes.toFixed(1)} minutes. On other machines only the ratios are meaningful.`,
  ].join('\n\n')
}

const measuredOperations = ({ results }: Results): OperationName[] =>
  operationNames.filter((name) => results.some(({ operation }) => operation === name))

const measuredContenders = ({ results }: Results): Contender[] =>
  contenders.filter(({ name }) => results.some(({ contender }) => contender === name))

function overview(results: Results, connections: number): string {
  const operations = measuredOperations(results)
  const rows = measuredContenders(results).map(({ name, title, doesNot }) => [
    title,
    ...operations.map((operation) => {
      const result = findResult(results, { contender: name, operation, connections })
      return result === undefined ? NONE : `${figure(perSecond(result))}${inBrackets(toFloor(results, result))}`
    }),
    doesNot,
  ])
  return table(['', ...operations.map((name) => operationTitles[name]), 'what it does not do'], rows)
}

const inBrackets = (text: string): string => (text === NONE ? '' : ` (${text})`)

function toFloor(results: Results, result: Result): string {
  const floor = findResult(results, { ...result, contender: 'floor' })
  return floor === undefined ? NONE : ratio(result, floor).toFixed(2)
}

function targets(results: Results): string {
  const rows = judge(results).map(({ target, measured, isMet }) => [target, measured, isMet ? 'met' : '**not met**'])
  return table(['target', 'measured', ''], rows)
}

function memory(results: Results): string {
  const rows = measuredContenders(results).flatMap(({ name, title }) => {
    const found = results.memory.find(({ contender }) => contender === name)
    return found ? [[title, found.peakMib.toFixed(0), found.bundleKib.toFixed(0)]] : []
  })
  return table(['', 'peak resident memory of its workerd, MiB', 'bundle, minified, KiB'], rows)
}

function details(results: Results, connections: number): string[] {
  return measuredOperations(results).flatMap((operation) => {
    const rows = measuredContenders(results).flatMap((contender) => {
      const result = findResult(results, { contender: contender.name, operation, connections })
      return result === undefined ? [] : [detail(results, contender, result)]
    })
    const headings = ['', 'what is sent', 'a second: median (least to most)', 'of the floor', 'p50 ms', 'p99 ms']
    return rows.length === 0
      ? []
      : [`### ${operationTitles[operation]}`, table([...headings, 'CPU ms', 'operations', 'errors'], rows)]
  })
}

function detail(results: Results, { title, operations }: Contender, result: Result): string[] {
  const { rounds, operation } = result
  const rates = rounds.map((round) => round.perSecond)
  const middle = (of: (round: Result['rounds'][number]) => number) => figure(median(rounds.map(of)))
  return [
    title,
    operations[operation]?.does ?? 'its queue',
    `${figure(perSecond(result))} (${figure(Math.min(...rates))} to ${figure(Math.max(...rates))})`,
    toFloor(results, result),
    middle(({ p50Ms }) => p50Ms),
    middle(({ p99Ms }) => p99Ms),
    middle(({ cpuMs }) => cpuMs),
    String(sum(rounds, ({ completed }) => completed)),
    String(sum(rounds, ({ failed }) => failed)),
  ]
}

/** Three digits are enough. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return NONE
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
