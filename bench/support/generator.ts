import { contenders, versions } from '../contenders/index.ts'
import { type Contender, type Http, newEmail, type Operation, type OperationName, type Person } from './contender.ts'
import { withHttp } from './http.ts'
import type { GeneratorCall, GeneratorReply, Preparation, Registration, Run, Single, Tally } from './load.ts'
import { quantile } from './statistics.ts'

// The process that sends the load, separate from the process that serves. Closed loop: every connection sends
// its next request when it has read the previous answer.
const PASSWORD = 'correct horse battery staple'
const SHOWN_ERRORS = 3
const MINUTE_MS = 60_000
const TOGETHER = 10

interface Crowd {
  readonly people: Person[]
  signedInAt: number
}
const crowds = new Map<string, Crowd>()

process.on('message', (call: GeneratorCall) => {
  answer(call).then(
    (result) => process.send?.({ id: call.id, result } satisfies GeneratorReply),
    (error: unknown) => process.send?.({ id: call.id, error: String(error) } satisfies GeneratorReply),
  )
})
process.on('disconnect', () => process.exit())

async function answer(call: GeneratorCall): Promise<unknown> {
  const contender = [...contenders, ...versions].find(({ name }) => name === call.contender)
  if (contender === undefined) throw new Error(`there is no contender ${call.contender}`)
  switch (call.kind) {
    case 'register':
      return register(contender, call)
    case 'prepare':
      return prepare(contender, call)
    case 'once':
      return once(contender, call)
    case 'run':
      return run(contender, call)
  }
}

async function register(contender: Contender, { origin, people: count }: Registration): Promise<void> {
  const people = Array.from({ length: count }, () => ({ email: newEmail(), password: PASSWORD, held: {} }))
  await withHttp(origin, TOGETHER, (http) => together(people, (person) => contender.register(http, person)))
  crowds.set(contender.name, { people, signedInAt: performance.now() })
}

async function prepare(contender: Contender, { operation, home }: Preparation): Promise<boolean> {
  const crowd = crowdOf(contender)
  const { prepare } = operationOf(contender, operation)
  const age = performance.now() - crowd.signedInAt
  const isOld = age > (contender.renewAfterMinutes ?? Number.POSITIVE_INFINITY) * MINUTE_MS
  await withHttp(home, TOGETHER, async (http) => {
    if (isOld) await together(crowd.people, (person) => contender.signIn(http, person))
    if (prepare !== undefined) await together(crowd.people, (person) => prepare(http, person))
  })
  if (isOld) crowd.signedInAt = performance.now()
  return isOld || prepare !== undefined
}

async function once(contender: Contender, { operation, origin }: Single): Promise<void> {
  const [person] = crowdOf(contender).people
  if (person !== undefined) await withHttp(origin, 1, (http) => operationOf(contender, operation).run(http, person))
}

function run(contender: Contender, { operation, origin, connections, seconds }: Run): Promise<Tally> {
  const people = crowdOf(contender).people.slice(0, connections)
  return withHttp(origin, connections, (http) => loop(http, operationOf(contender, operation), people, seconds))
}

function crowdOf({ name }: Contender): Crowd {
  const crowd = crowds.get(name)
  if (crowd === undefined) throw new Error(`nobody is registered with ${name}`)
  return crowd
}

function operationOf({ name, operations }: Contender, wanted: OperationName): Operation {
  const operation = operations[wanted]
  if (operation === undefined) throw new Error(`${name} has no ${wanted}`)
  return operation
}

/**
 * Every connection sends until the time is over. Then the pending requests are awaited. All of them count,
 * over the whole time: fifty passwords are hashed one after the other, and answers may leave together.
 */
async function loop(http: Http, { run }: Operation, people: readonly Person[], seconds: number): Promise<Tally> {
  const begun = performance.now()
  const latenciesMs: number[] = []
  const errors: string[] = []
  let failed = 0

  async function connection(person: Person): Promise<void> {
    for (let startedAt = begun; startedAt < begun + seconds * 1000; startedAt = performance.now()) {
      try {
        await run(http, person)
        latenciesMs.push(performance.now() - startedAt)
      } catch (error) {
        failed++
        if (errors.length < SHOWN_ERRORS) errors.push(String(error))
      }
    }
  }

  await Promise.all(people.map(connection))
  const elapsedSeconds = (performance.now() - begun) / 1000
  const completed = latenciesMs.length
  const [p50Ms, p99Ms] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)]
  return { perSecond: completed / elapsedSeconds, p50Ms, p99Ms, completed, failed, errors }
}

/** Works on ten items at a time. */
async function together(people: readonly Person[], work: (person: Person) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < people.length; i += TOGETHER) await Promise.all(people.slice(i, i + TOGETHER).map(work))
}
