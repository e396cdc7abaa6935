import { parseArgs } from 'node:util'
import { totpCode, totpStep } from '../src/crypto/totp.ts'
import { type TwoStepContender, twoStepContenders } from './second-factor/contenders.ts'
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

// `npm run bench -- second-factor`: the second step of a sign-in, with a code of an authenticator app, beside
// better-auth. The password step before it is not measured.
const PASSWORD = 'correct horse battery staple'
const STEP_MS = 30_000

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
  readonly contender: TwoStepContender
  readonly worker: ServedWorker
  readonly people: readonly Person[]
}

interface Round {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the serving workerd for each step. */
  readonly cpuMs: number
}

installContenders()
pin(process.pid, CLIENT)
const crowds: Crowd[] = []
try {
  // Every code works once, so the enrolment takes the code of the step before.
  let step = totpStep(Date.now()) - 1
  const isAsked = ({ name }: TwoStepContender) => values.contender?.includes(name) ?? true
  for (const contender of twoStepContenders.filter(isAsked))
    crowds.push(await enrolAll(contender, Number(values.people)))
  const rounds = new Map(crowds.map((crowd) => [crowd, [] as Round[]]))
  for (let round = 0; round <= Number(values.rounds); round++) {
    note(round === 0 ? 'warm-up' : `round ${round} of ${values.rounds}`)
    step = await laterStep(step)
    for (const crowd of round % 2 === 0 ? crowds : crowds.toReversed()) {
      const measured = await measure(crowd, step)
      if (round > 0) rounds.get(crowd)?.push(measured)
    }
  }
  report([...rounds])
} finally {
  for (const { worker } of crowds) await worker[Symbol.asyncDispose]()
}

async function enrolAll(contender: TwoStepContender, count: number): Promise<Crowd> {
  note(`${contender.name}: ${count} people register and add an authenticator app`)
  const { name, configPath, schemas, vars } = contender
  const worker = await serveWorker({ name, configPath, ...(vars && { vars: vars() }) })
  for (const schema of schemas) await applySchema(worker.miniflare, schema)
  pin(worker.pid, SERVER)
  const people = Array.from({ length: count }, () => ({ email: newEmail(), password: PASSWORD, held: {} }))
  const codeOf = (secret: string) => totpCode(secret, Date.now() - STEP_MS)
  await withHttp(worker.origin, connections, (http) =>
    together(people, (person) => contender.enrol(http, person, codeOf)),
  )
  return { contender, worker, people }
}

/** A step after the last one whose codes are accepted now: the present one, or one step ahead. */
async function laterStep(last: number): Promise<number> {
  const next = Math.max(last + 1, totpStep(Date.now()))
  const waitMs = (next - 1) * STEP_MS - Date.now()
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs + 500))
  return next
}

async function measure({ contender, worker, people }: Crowd, step: number): Promise<Round> {
  return await withHttp(worker.origin, connections, async (http) => {
    const begun = new Map<Person, (code: string) => Promise<unknown>>()
    await together(people, async (person) => begun.set(person, await contender.signIn(http, person)))
    await untilQuiet(worker)
    const before = processorMs([worker.pid])
    const startedAt = performance.now()
    const latenciesMs: number[] = []
    await together(people, async (person) => {
      const sentAt = performance.now()
      await begun.get(person)?.(totpCode(person.held.secret ?? '', step * STEP_MS))
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
async function together(people: readonly Person[], work: (person: Person) => Promise<unknown>): Promise<void> {
  const waiting = [...people]
  const connection = async () => {
    for (let person = waiting.shift(); person !== undefined; person = waiting.shift()) await work(person)
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
  print(table(['second step', 'a second', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms', 'ratio'], rows))
}
