import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contenders } from './contenders/index.ts'
import type { Contender, Http, Person } from './support/contender.ts'
import { withHttp } from './support/http.ts'
import { installContenders } from './support/install.ts'
import { applySchema } from './support/migrate.ts'
import { note, print } from './support/print.ts'
import { pin, SERVER } from './support/processors.ts'
import { type ServedWorker, serveWorker } from './support/serve.ts'
import { median } from './support/statistics.ts'
import { processorMs } from './support/workerd-process.ts'

// `npm run bench -- start`: measures a new isolate of the production bundle until its first answer. Each
// figure is the processor time of a new workerd process up to that answer, less that of a process with the
// same bindings and a Worker that does nothing else. workerd evaluates the code of a Worker when the process
// starts, before the first request.
const HELLO = 'bench/support/hello.ts'
const PERSON: Pick<Person, 'email' | 'password'> = {
  email: 'ada@example.com',
  password: 'correct horse battery staple',
}

type Question = 'nothing' | 'session' | 'sign-in'

/** The request for which a process is started. */
type Start = Question | 'hello'

interface Starter {
  readonly contender: Contender
  readonly vars: Readonly<Record<string, string>>
  readonly folder: string
  readonly person: Person
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)

installContenders()
const compared = contenders.filter(({ name }) =>
  ['minimal', 'better-auth-d1', 'latchkey-before', 'latchkey'].includes(name),
)
const root = mkdtempSync(join(tmpdir(), 'latchkey-start-'))
try {
  const starters: Starter[] = []
  for (const contender of compared) starters.push(await prepare(contender))
  await measure(starters)
} finally {
  rmSync(root, { recursive: true, force: true })
}

/** Builds a contender, and registers a person with it. */
async function prepare(contender: Contender): Promise<Starter> {
  note(`${contender.name}: bundle, schema, a person`)
  const starter = {
    contender,
    vars: contender.vars?.() ?? {},
    folder: join(root, contender.name),
    person: { ...PERSON, held: {} },
  }
  await using worker = await serve(starter, 'nothing')
  if (contender.schema !== undefined) await applySchema(worker.miniflare, contender.schema)
  await withHttp(worker.origin, 1, (http) => contender.register(http, starter.person))
  return starter
}

function serve({ contender: { name, configPath }, vars, folder }: Starter, start: Start): Promise<ServedWorker> {
  return start === 'hello'
    ? serveWorker({ name, configPath, vars, folder: `${folder}-hello`, script: HELLO })
    : serveWorker({ name, configPath, vars, folder })
}

async function measure(starters: readonly Starter[]): Promise<void> {
  const figures = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    note(`round ${round + 1} of ${rounds}`)
    for (const starter of starters) {
      for (const question of startsOf(starter)) {
        const key = `${starter.contender.name} ${question}`
        figures.set(key, [...(figures.get(key) ?? []), await firstAnswer(starter, question)])
      }
    }
  }
  print('| processor ms to the first answer | an answer | session check | sign-in |')
  print('| --- | --- | --- | --- |')
  for (const { contender } of starters) {
    const hello = median(figures.get(`${contender.name} hello`) ?? [])
    const cells = (['nothing', 'session', 'sign-in'] as const).map((question) => {
      const found = figures.get(`${contender.name} ${question}`)
      return found === undefined ? '—' : (median(found) - hello).toFixed(0)
    })
    print(`| ${contender.title} | ${cells.join(' | ')} |`)
  }
}

function startsOf({ contender: { operations } }: Starter): Start[] {
  return ['hello', 'nothing', ...(['session', 'sign-in'] as const).filter((question) => question in operations)]
}

/** Processor time of a new process until its first answer, in ms. */
async function firstAnswer(starter: Starter, question: Start): Promise<number> {
  await using worker = await serve(starter, question)
  pin(worker.pid, SERVER)
  await withHttp(worker.origin, 1, (http) => ask(http, starter, question))
  return processorMs([worker.pid])
}

async function ask(http: Http, { contender, person }: Starter, question: Start): Promise<void> {
  // `/livez` is a path of Latchkey. With the other contenders an unknown path is the cheapest answer.
  if (question === 'hello') await http.send(200, 'GET', '/')
  else if (question === 'nothing') await http.send(contender.name.startsWith('latchkey') ? 200 : 404, 'GET', '/livez')
  else await contender.operations[question]?.run(http, person)
}
