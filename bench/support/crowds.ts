import { parseArgs } from 'node:util'
import type { Contender, Http } from './contender.ts'
import { withHttp } from './http.ts'
import { installContenders } from './install.ts'
import { untilQuiet } from './measure.ts'
import { applySchema } from './migrate.ts'
import { note, print } from './print.ts'
import { CLIENT, pin, SERVER } from './processors.ts'
import { type ServedWorker, serveWorker } from './serve.ts'
import { median, quantile } from './statistics.ts'
import { table } from './table.ts'
import { processorMs } from './workerd-process.ts'

/** A service whose people each do the measured work once in a round. */
export interface CrowdContender {
  readonly name: string
  readonly title: string
  readonly configPath: string
  /** Folders of migrations, or files, in their order. */
  readonly schemas: readonly string[]
  readonly vars: Contender['vars']
}

/** Work to measure. `Member` is a person with everything that the work needs, such as an authenticator. */
export interface CrowdWork<C extends CrowdContender, Member> {
  /** The heading of the first column. */
  readonly heading: string
  /** In the order of the table. The ratios are to the first one. */
  readonly contenders: readonly C[]
  newMember(): Member
  /** Registers the person. Not measured. */
  enrol(http: Http, contender: C, member: Member): Promise<unknown>
  /** Runs before each round of all contenders. */
  beforeRound?(): Promise<unknown>
  /** Does what comes before the measured work. @returns the measured work */
  begin(http: Http, contender: C, member: Member): Promise<() => Promise<unknown>>
}

interface Crowd<C, Member> {
  readonly contender: C
  readonly worker: ServedWorker
  readonly members: readonly Member[]
}

interface Round {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the serving workerd for each person. */
  readonly cpuMs: number
}

/**
 * Reads the options of the command line, measures all contenders in the same rounds, and prints the table.
 */
export async function compareCrowds<C extends CrowdContender, Member>(work: CrowdWork<C, Member>): Promise<void> {
  const { values } = parseArgs({
    options: {
      people: { type: 'string', default: '100' },
      connections: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '5' },
      contender: { type: 'string', multiple: true },
    },
  })
  const connections = Number(values.connections)
  installContenders()
  pin(process.pid, CLIENT)
  const crowds: Crowd<C, Member>[] = []
  try {
    for (const contender of work.contenders.filter(({ name }) => values.contender?.includes(name) ?? true)) {
      note(`${contender.name}: ${values.people} people register`)
      const worker = await serve(contender)
      const members = Array.from({ length: Number(values.people) }, () => work.newMember())
      crowds.push({ contender, worker, members })
      await withHttp(worker.origin, connections, (http) =>
        eachOnce(members, connections, (member) => work.enrol(http, contender, member)),
      )
    }
    const rounds = new Map(crowds.map((crowd) => [crowd, [] as Round[]]))
    for (let round = 0; round <= Number(values.rounds); round++) {
      note(round === 0 ? 'warm-up' : `round ${round} of ${values.rounds}`)
      await work.beforeRound?.()
      for (const crowd of round % 2 === 0 ? crowds : crowds.toReversed()) {
        const measured = await measure(work, crowd, connections)
        if (round > 0) rounds.get(crowd)?.push(measured)
      }
    }
    report(
      work.heading,
      [...rounds].map(([{ contender }, measured]) => [contender.title, measured]),
    )
  } finally {
    for (const { worker } of crowds) await worker[Symbol.asyncDispose]()
  }
}

async function serve({ name, configPath, schemas, vars }: CrowdContender): Promise<ServedWorker> {
  const worker = await serveWorker({ name, configPath, ...(vars && { vars: vars() }) })
  for (const schema of schemas) await applySchema(worker.miniflare, schema)
  pin(worker.pid, SERVER)
  return worker
}

async function measure<C extends CrowdContender, Member>(
  { begin }: CrowdWork<C, Member>,
  { contender, worker, members }: Crowd<C, Member>,
  connections: number,
): Promise<Round> {
  return await withHttp(worker.origin, connections, async (http) => {
    const begun: (() => Promise<unknown>)[] = []
    await eachOnce(members, connections, async (member) => begun.push(await begin(http, contender, member)))
    await untilQuiet(worker)
    const before = processorMs([worker.pid])
    const startedAt = performance.now()
    const latenciesMs: number[] = []
    await eachOnce(begun, connections, async (proceed) => {
      const sentAt = performance.now()
      await proceed()
      latenciesMs.push(performance.now() - sentAt)
    })
    const elapsedSeconds = (performance.now() - startedAt) / 1000
    await untilQuiet(worker)
    return {
      perSecond: begun.length / elapsedSeconds,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      cpuMs: (processorMs([worker.pid]) - before) / begun.length,
    }
  })
}

/** Each connection takes the next item when it is done with its last one. */
async function eachOnce<Item>(
  items: readonly Item[],
  connections: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const waiting = items.values()
  const connection = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: connections }, connection))
}

function report(heading: string, measured: readonly (readonly [string, readonly Round[]])[]): void {
  const [, base = []] = measured[0] ?? []
  const rows = measured.map(([title, rounds]) => {
    const of = (pick: (round: Round) => number) => median(rounds.map(pick))
    const ratio = (pick: (round: Round) => number) =>
      median(rounds.map((round, i) => pick(round) / pick(base[i] ?? round))).toFixed(2)
    return [
      title,
      of(({ perSecond }) => perSecond).toFixed(0),
      ratio(({ perSecond }) => perSecond),
      of(({ p50Ms }) => p50Ms).toFixed(1),
      of(({ p99Ms }) => p99Ms).toFixed(1),
      of(({ cpuMs }) => cpuMs).toFixed(2),
      ratio(({ cpuMs }) => cpuMs),
    ]
  })
  print(table([heading, 'a second', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'ratio'], rows))
}
