import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { collectAll, heapSizes, heapsOf } from './support/collect-heaps.ts'
import { type Answer, createHttpClient, expectStatus, type HttpClient } from './support/http-client.ts'
import type { InspectedHeap } from './support/inspector.ts'
import { sampleResident } from './support/memory-samples.ts'
import { applySchema } from './support/migrate.ts'
import { print } from './support/print.ts'
import { type ServedWorker, serveWorker } from './support/serve.ts'
import { quantile } from './support/statistics.ts'
import { processorMs, residentMib } from './support/workerd-process.ts'

// `npm run bench -- overload`: measures token checks while ten times as many sign-ins arrive as can be
// served. Requests are sent by the clock and not one after the other (open loop). Slow answers do not slow
// the load down, because clients on the internet do not wait for each other either.
const PEOPLE = 200
const IDLE_SECONDS = 15
const CALM_SECONDS = 5
const CAPACITY_SECONDS = 30
/**
 * Nearly as many requests at once as in a flood, of a kind that costs little and computes no hash. workerd
 * keeps memory for the largest number of requests that it had at once, of any kind. The memory of a flood of
 * sign-ins is compared with the memory after this. The run fails if this had more requests at once than the
 * flood.
 */
const WARM_UP_SECONDS = 30
const WARM_UP_AT_ONCE = 60
/** A flood before the measured one. Each may retain this much. */
const FIRST_FLOOD_SECONDS = 30
const CAPACITY_CONNECTIONS = 4
const CHECKS_PER_SECOND = 40
const CHECKS = ['/api/v1/auth/session', '/api/v1/users/me'] as const
const MAX_RATIO = 2
/** Memory that remains after a full collection. One hash that is not freed takes 19 MiB. */
const MAX_KEPT_MIB = 18
const PASSWORD = 'correct horse battery staple'

/**
 * Collects every heap often and briefly. Otherwise the garbage of the local stores grows to about 35 MB each,
 * and collecting it stops the only thread for 100 to 150 ms. A deployed Worker shares no thread with its
 * stores.
 */
process.env.MINIFLARE_WORKERD_V8_FLAGS = '--gc-global'

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, times: { type: 'string', default: '10' } },
})

interface Sample {
  readonly kind: string
  readonly status: number
  readonly startedMs: number
  readonly ms: number
}

async function measure({ origin, pid, miniflare }: ServedWorker): Promise<boolean> {
  const client = createHttpClient(origin, 4000)
  for (let i = 0; i < PEOPLE; i++) await expectStatus(201, client.send(register(i)))
  const token = JSON.parse(await expectStatus(200, client.send(signIn(0)))).access_token as string
  const capacity = await findCapacity(client)
  print(`capacity     ${capacity.toFixed(1)} sign-ins a second, ${CAPACITY_CONNECTIONS} at a time`)

  const rate = capacity * Number(options.times)
  const floodFor = (seconds: number) => arrive(rate, seconds, (i) => client.send(signIn(i % PEOPLE)), 'sign-in')
  const heaps = await heapsOf(miniflare)
  const coldMib = await collectedMib(heaps, pid, client)
  await sendTogether(WARM_UP_AT_ONCE, WARM_UP_SECONDS, () => client.send({ method: 'GET', path: '/livez' }))
  await pause(CALM_SECONDS)
  const warmMib = await collectedMib(heaps, pid, client)
  const firstFlood = await floodFor(FIRST_FLOOD_SECONDS)
  await pause(CALM_SECONDS)
  const keptBeforeMib = await collectedMib(heaps, pid, client)
  const idle = await Promise.all(checksFor(client, token, IDLE_SECONDS)).then((all) => all.flat())
  report('idle', idle)

  const resident = sampleResident(process.pid)
  const [startedAt, usedMs] = [performance.now(), processorMs([pid])]
  const seconds = Number(options.seconds)
  const loaded = (await Promise.all([floodFor(seconds), ...checksFor(client, token, seconds)])).flat()
  const samplesMib = resident.stop()
  print(`overload     ${rate.toFixed(0)} sign-ins a second for ${seconds} s`)
  report('overload', loaded)
  reportSignIns(loaded, seconds)
  const share = (processorMs([pid]) - usedMs) / (performance.now() - startedAt)
  print(
    `workerd      had ${(share * 100).toFixed(0)} % of a processor; this client ${(process.cpuUsage().user / 1e6).toFixed(0)} s`,
  )
  print(`workerd      while it lasted, in MiB: ${samplesMib.map(Math.round).join(' ')}`)

  await pause(CALM_SECONDS)
  const after = (await Promise.all(checksFor(client, token, CALM_SECONDS))).flat()
  report(`${CALM_SECONDS} s later`, after)
  const alone = await timed('sign-in', () => client.send(signIn(1)))
  print(`sign-in      ${alone.status} in ${alone.ms.toFixed(0)} ms, ${CALM_SECONDS} s later`)
  const keptAfterMib = await collectedMib(heaps, pid, client)
  const [cold, warm, one, two] = [coldMib, warmMib, keptBeforeMib, keptAfterMib].map((mib) => mib.toFixed(0))
  print(
    `workerd      kept ${cold} MiB at first, ${warm} after ${WARM_UP_AT_ONCE} requests at once, ${one} after a flood, ${two} after another`,
  )
  for (const heap of heaps) heap.close()
  client.close()
  return judge({
    idle,
    loaded: [...firstFlood, ...loaded],
    floods: [firstFlood, loaded],
    after,
    alone,
    keptMib: [keptBeforeMib - warmMib, keptAfterMib - keptBeforeMib],
  })
}

const pause = (seconds: number) => setTimeout(seconds * 1000)

/** The memory of the process after a full collection of every heap. */
async function collectedMib(heaps: readonly InspectedHeap[], pid: number, client: HttpClient): Promise<number> {
  await collectAll(heaps, async () => {
    await expectStatus(200, client.send({ method: 'GET', path: '/readyz' }))
    await expectStatus(200, client.send(signIn(0)))
  })
  const sizes = [...(await heapSizes(heaps))].map(([name, bytes]) => `${name} ${(bytes / 1024 / 1024).toFixed(1)}`)
  print(`heaps        in MiB, collected: ${sizes.join(', ')}`)
  return residentMib([pid])
}

interface Outcome {
  readonly idle: readonly Sample[]
  readonly loaded: readonly Sample[]
  /** Each figure by itself. */
  readonly floods: readonly (readonly Sample[])[]
  readonly after: readonly Sample[]
  readonly alone: Sample
  /** Of the first flood, and of the second. */
  readonly keptMib: readonly number[]
}

function judge({ idle, loaded, floods, after, alone, keptMib }: Outcome): boolean {
  const ratios = CHECKS.map((path) => p99(loaded, path) / p99(idle, path))
  const checks = [...loaded, ...after].filter(({ kind }) => kind !== 'sign-in')
  const signIns = loaded.filter(({ kind }) => kind === 'sign-in')
  const atOnce = floods.map(mostAtOnce)
  const verdicts: Record<string, boolean> = {
    [`checks within ${MAX_RATIO} times their idle p99 (${ratios.map((ratio) => ratio.toFixed(1)).join(', ')})`]:
      Math.max(...ratios) <= MAX_RATIO,
    'every check answered 200': checks.every(({ status }) => status === 200),
    'sign-ins answered 200, or shed with 503 or 429': signIns.every(({ status }) => [200, 429, 503].includes(status)),
    [`memory: at most ${MAX_KEPT_MIB} MiB are kept of each flood (${keptMib.map((mib) => mib.toFixed(0)).join(', ')})`]:
      Math.max(...keptMib) <= MAX_KEPT_MIB,
    [`memory: compared with no more requests at once (${WARM_UP_AT_ONCE}) than a flood has (${atOnce.join(', ')})`]:
      WARM_UP_AT_ONCE <= Math.min(...atOnce),
    'normal afterwards': alone.status === 200 && after.every(({ status }) => status === 200),
  }
  for (const [name, holds] of Object.entries(verdicts)) print(`${holds ? 'holds       ' : 'DOES NOT HOLD'} ${name}`)
  return Object.values(verdicts).every((holds) => holds)
}

/** Sign-ins a second without shedding: a few connections, each with one request at a time. */
async function findCapacity(client: HttpClient): Promise<number> {
  const until = performance.now() + CAPACITY_SECONDS * 1000
  let done = 0
  const workers = Array.from({ length: CAPACITY_CONNECTIONS }, async (_, i) => {
    for (let n = i; performance.now() < until; n += CAPACITY_CONNECTIONS) {
      await expectStatus(200, client.send(signIn(n % PEOPLE)))
      done++
    }
  })
  await Promise.all(workers)
  return done / CAPACITY_SECONDS
}

const checksFor = (client: HttpClient, token: string, seconds: number): Promise<Sample[]>[] =>
  CHECKS.map((path) =>
    arrive(CHECKS_PER_SECOND / CHECKS.length, seconds, () => client.send({ method: 'GET', path, token }), path),
  )

/** The largest number of pending requests. */
function mostAtOnce(samples: readonly Sample[]): number {
  const changes = samples.flatMap(({ startedMs, ms }) => [
    { atMs: startedMs, by: 1 },
    { atMs: startedMs + ms, by: -1 },
  ])
  changes.sort((one, other) => one.atMs - other.atMs)
  let [now, most] = [0, 0]
  for (const { by } of changes) {
    now += by
    most = Math.max(most, now)
  }
  return most
}

/** Sends this many requests together, and again when all are answered, for this long. */
async function sendTogether(count: number, seconds: number, send: () => Promise<Answer>): Promise<void> {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) await Promise.all(Array.from({ length: count }, () => expectStatus(200, send())))
}

/** Sends this many requests a second, independent of answers, and then waits for all answers. */
async function arrive(rate: number, seconds: number, send: (i: number) => Promise<Answer>, kind: string) {
  const startedAt = performance.now()
  const pending: Promise<Sample>[] = []
  while (pending.length < rate * seconds) {
    const due = Math.min(rate * seconds, ((performance.now() - startedAt) / 1000) * rate)
    while (pending.length < due) {
      const i = pending.length
      pending.push(timed(kind, () => send(i), startedAt))
    }
    await setTimeout(4)
  }
  return Promise.all(pending)
}

async function timed(kind: string, send: () => Promise<Answer>, since = 0): Promise<Sample> {
  const startedAt = performance.now()
  const status = await send().then(
    ({ status, body }) => {
      if (![200, 429, 503].includes(status)) print(`${kind.padEnd(12)} ${status}: ${body.slice(0, 200)}`)
      return status
    },
    () => 0,
  )
  return { kind, status, startedMs: startedAt - since, ms: performance.now() - startedAt }
}

const msOf = (samples: readonly Sample[], kind: string) =>
  samples.filter((sample) => sample.kind === kind).map(({ ms }) => ms)
const p99 = (samples: readonly Sample[], kind: string) => quantile(msOf(samples, kind), 0.99)

function report(phase: string, samples: readonly Sample[]): void {
  for (const path of CHECKS) {
    const times = msOf(samples, path)
    const [p50, p90, p99ms, max] = [0.5, 0.9, 0.99, 1].map((share) => quantile(times, share).toFixed(1))
    print(
      `${phase.padEnd(12)} GET ${path.padEnd(20)} ${times.length} checks: p50 ${p50}, p90 ${p90}, p99 ${p99ms}, max ${max} ms`,
    )
  }
  const others = samples.filter(({ kind, status }) => kind !== 'sign-in' && status !== 200)
  for (const { kind, status, startedMs } of others)
    print(`${phase.padEnd(12)} GET ${kind} answered ${status || 'not at all'} after ${Math.round(startedMs)} ms`)
}

function reportSignIns(samples: readonly Sample[], seconds: number): void {
  const signIns = samples.filter(({ kind }) => kind === 'sign-in')
  for (const [status, group] of Map.groupBy(signIns, (sample) => sample.status)) {
    const times = group.map(({ ms }) => ms)
    const [p50, p99ms] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0))
    print(`sign-ins     ${group.length} answered ${status || 'not at all'}: p50 ${p50}, p99 ${p99ms} ms`)
  }
  // Shows whether latency grows during the run.
  const tenths = Array.from({ length: 10 }, (_, i) => {
    const part = samples.filter(
      ({ kind, startedMs }) => kind === CHECKS[0] && Math.floor(startedMs / (seconds * 100)) === i,
    )
    return quantile(
      part.map(({ ms }) => ms),
      0.99,
    ).toFixed(0)
  })
  print(`shape        p99 of ${CHECKS[0]} in each tenth: ${tenths.join(' ')} ms`)
}

const register = (i: number) => ({
  method: 'POST',
  path: '/api/v1/auth/register',
  body: personOf(i),
  headers: networkOf(i),
})
const signIn = (i: number) => ({ method: 'POST', path: '/api/v1/auth/login', body: personOf(i), headers: networkOf(i) })
const personOf = (i: number) => ({ email: `overload-${i}@example.com`, password: PASSWORD })
/**
 * RFC 5737: each person has a network of its own, so that the hash queue is measured and not the rate limits.
 */
const networkOf = (i: number) => ({ 'cf-connecting-ip': `198.51.100.${i % 250}` })

const vars = { ROOT_KEYS: `1:${randomBytes(32).toString('base64url')}`, LIMIT_FACTOR: '1000' }
await using worker = await serveWorker({ name: 'latchkey', configPath: 'wrangler.toml', vars, isInspected: true })
await applySchema(worker.miniflare, 'migrations')
process.exitCode = (await measure(worker)) ? 0 : 1
