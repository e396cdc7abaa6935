import { parseArgs } from 'node:util'
import { newAuthenticator } from '../test/support/authenticator.ts'
import { type Authenticator, ORIGIN, type SignInContender, signInContenders } from './passkey/contenders.ts'
import { newEmail, type Person } from './support/contender.ts'
import { withHttp } from './support/http.ts'
import { installContenders } from './support/install.ts'
import { untilQuiet } from './support/measure.ts'
import { applySchema } from './support/migrate.ts'
import { note, print } from './support/print.ts'
import { CLIENT, pin, SERVER } from './support/processors.ts'
import { type ServedWorker, serveWorker } from './support/serve.ts'
import { median, quantile } from './support/statistics.ts'
import { table } from './support/table.ts'
import { processorMs } from './support/workerd-process.ts'

// `npm run bench -- passkey`: a sign-in with a passkey (the options, and the answer to them), beside
// better-auth's plugin and beside a sign-in with a password. The authenticator is software, and signs in the
// measuring process.
const PASSWORD = 'correct horse battery staple'

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100' },
    connections: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    contender: { type: 'string', multiple: true },
  },
})
const connections = Number(values.connections)

interface Crowd {
  readonly contender: SignInContender
  readonly worker: ServedWorker
  readonly people: readonly (readonly [Person, Authenticator])[]
}

interface Round {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the serving workerd for each sign-in. */
  readonly cpuMs: number
}

installContenders()
pin(process.pid, CLIENT)
const crowds: Crowd[] = []
try {
  const isAsked = ({ name }: SignInContender) => values.contender?.includes(name) ?? true
  for (const contender of signInContenders.filter(isAsked))
    crowds.push(await enrolAll(contender, Number(values.people)))
  const rounds = new Map(crowds.map((crowd) => [crowd, [] as Round[]]))
  for (let round = 0; round <= Number(values.rounds); round++) {
    note(round === 0 ? 'warm-up' : `round ${round} of ${values.rounds}`)
    for (const crowd of round % 2 === 0 ? crowds : crowds.toReversed()) {
      const measured = await measure(crowd)
      if (round > 0) rounds.get(crowd)?.push(measured)
    }
  }
  report([...rounds])
} finally {
  for (const { worker } of crowds) await worker[Symbol.asyncDispose]()
}

async function enrolAll(contender: SignInContender, count: number): Promise<Crowd> {
  note(`${contender.name}: ${count} people register and add a passkey`)
  const { name, configPath, schemas, vars } = contender
  const worker = await serveWorker({ name, configPath, ...(vars && { vars: vars() }) })
  for (const schema of schemas) await applySchema(worker.miniflare, schema)
  pin(worker.pid, SERVER)
  const people = Array.from({ length: count }, () => {
    const person: Person = { email: newEmail(), password: PASSWORD, held: {} }
    return [person, newAuthenticator({ origin: ORIGIN })] as const
  })
  await withHttp(worker.origin, connections, (http) =>
    together(people, (person, authenticator) => contender.enrol(http, person, authenticator)),
  )
  return { contender, worker, people }
}

async function measure({ contender, worker, people }: Crowd): Promise<Round> {
  return await withHttp(worker.origin, connections, async (http) => {
    await untilQuiet(worker)
    const before = processorMs([worker.pid])
    const startedAt = performance.now()
    const latenciesMs: number[] = []
    await together(people, async (person, authenticator) => {
      const sentAt = performance.now()
      await contender.signIn(http, person, authenticator)
      latenciesMs.push(performance.now() - sentAt)
    })
    const elapsedSeconds = (performance.now() - startedAt) / 1000
    await untilQuiet(worker)
    return {
      perSecond: people.length / elapsedSeconds,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      cpuMs: (processorMs([worker.pid]) - before) / people.length,
    }
  })
}

/** Each connection takes the next person when it has its answer. */
async function together(
  people: Crowd['people'],
  work: (person: Person, authenticator: Authenticator) => Promise<unknown>,
): Promise<void> {
  const waiting = [...people]
  const connection = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(...next)
  }
  await Promise.all(Array.from({ length: connections }, connection))
}

function report(measured: readonly (readonly [Crowd, readonly Round[]])[]): void {
  const [, base = []] = measured[0] ?? []
  const rows = measured.map(([{ contender }, rounds]) => {
    const of = (pick: (round: Round) => number) => median(rounds.map(pick))
    const ratio = (pick: (round: Round) => number) =>
      median(rounds.map((round, i) => pick(round) / pick(base[i] ?? round))).toFixed(2)
    return [
      contender.title,
      of(({ perSecond }) => perSecond).toFixed(0),
      ratio(({ perSecond }) => perSecond),
      of(({ p50Ms }) => p50Ms).toFixed(1),
      of(({ p99Ms }) => p99Ms).toFixed(1),
      of(({ cpuMs }) => cpuMs).toFixed(2),
      ratio(({ cpuMs }) => cpuMs),
    ]
  })
  print(table(['sign-in', 'a second', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'ratio'], rows))
}
