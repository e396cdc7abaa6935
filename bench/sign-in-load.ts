import { parseArgs } from 'node:util'
import { type DevService, startDevService } from '../test/support/dev-service.ts'
import { type Answer, addressOf, createHttpClient, expectStatus, type HttpClient } from './support/http-client.ts'
import { sampleResident } from './support/memory-samples.ts'
import { print } from './support/print.ts'
import { median, quantile } from './support/statistics.ts'

// `npm run bench -- load`: fifty connections sign in for twenty seconds, against the service as `npm run dev`
// runs it. Fails on a wrong answer, on memory that grows, and when a store does not answer afterwards.
const WARM_UP_SECONDS = 30
const MAX_SIGN_INS = 20_000
/** A single hash that is not freed takes 19 MiB. */
const MAX_GROWTH_MIB = 16
const FIRST_SAMPLES = 5
const PASSWORD = 'correct horse battery staple'

/**
 * V8 collects a heap only when it is large, and about twenty heaps share this process: our Worker, the local
 * stores, the development proxies. So the process grows for minutes although nothing leaks
 * (docs/platform.md). A full collection before each sample shows the memory in use. `--lazy` shows the
 * process without it.
 */
const COLLECT_FULLY = { MINIFLARE_WORKERD_V8_FLAGS: '--gc-global' }

interface Load {
  readonly seconds: number
  readonly emails: readonly string[]
}

interface Tally {
  readonly latenciesMs: number[]
  /** How often each wrong answer occurred. */
  readonly errors: Map<string, number>
}

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '50' },
    lazy: { type: 'boolean', default: false },
  },
})
await using service = await startDevService({ env: options.lazy ? {} : COLLECT_FULLY })
process.exitCode = (await measure(service)) ? 0 : 1

async function measure({ origin, pid }: DevService): Promise<boolean> {
  const connections = Number(options.connections)
  const client = createHttpClient(origin, connections)
  // One account for each connection, so that no account has more attempts at once than its limit allows.
  const emails = Array.from({ length: connections }, (_, i) => `load-${i}@example.com`)
  await inBatches(emails, 5, (email) => expectStatus(201, register(client, email)))

  const warmUp = await signInTogether(client, { emails, seconds: WARM_UP_SECONDS })
  const memory = sampleResident(pid)
  const startedAt = performance.now()
  const tally = await signInTogether(client, { emails, seconds: Number(options.seconds) })
  const elapsedSeconds = (performance.now() - startedAt) / 1000
  const samplesMib = memory.stop()

  const isAlive = await answersEverywhere(client, emails[0] ?? '')
  client.close()
  print(`warm-up      ${warmUp.latenciesMs.length} sign-ins in ${WARM_UP_SECONDS} s, ${wrong(warmUp)} errors`)
  reportTally(tally, elapsedSeconds)
  reportMemory(samplesMib, tally.latenciesMs.length)
  print(`afterwards   ${isAlive ? 'everything answers' : 'NOT EVERYTHING ANSWERS'}`)
  const isFlat = options.lazy || !(growthMib(samplesMib) > MAX_GROWTH_MIB)
  return wrong(warmUp) + wrong(tally) === 0 && tally.latenciesMs.length > 0 && isFlat && isAlive
}

async function signInTogether(client: HttpClient, { emails, seconds }: Load): Promise<Tally> {
  const tally: Tally = { latenciesMs: [], errors: new Map() }
  const until = performance.now() + seconds * 1000
  await Promise.all(emails.map((email) => signInRepeatedly(client, email, until, tally)))
  return tally
}

async function signInRepeatedly(client: HttpClient, email: string, until: number, tally: Tally): Promise<void> {
  while (performance.now() < until && tally.latenciesMs.length < MAX_SIGN_INS) {
    const startedAt = performance.now()
    const outcome = await signIn(client, email).then(describe, (error: unknown) => String(error))
    tally.latenciesMs.push(performance.now() - startedAt)
    if (outcome !== 'ok') tally.errors.set(outcome, (tally.errors.get(outcome) ?? 0) + 1)
  }
}

function describe({ status, body }: Answer): string {
  return status === 200 && body.includes('"access_token"') ? 'ok' : `${status} ${body.slice(0, 200)}`
}

/** After the run: each store answers, and the whole journey of one person works. */
async function answersEverywhere(client: HttpClient, email: string): Promise<boolean> {
  const call = (method: string, path: string, more: { body?: unknown; token?: string } = {}) =>
    client.send({ method, path, ...more })
  try {
    await expectStatus(200, call('GET', '/livez'))
    await expectStatus(200, call('GET', '/readyz'))
    const { access_token: token, refresh_token } = JSON.parse(await expectStatus(200, signIn(client, email)))
    await expectStatus(200, call('GET', '/api/v1/users/me', { token }))
    await expectStatus(200, call('GET', '/api/v1/auth/session', { token }))
    const refreshed = await expectStatus(200, call('POST', '/api/v1/auth/refresh', { body: { refresh_token } }))
    const { refresh_token: successor } = JSON.parse(refreshed)
    await expectStatus(204, call('POST', '/api/v1/auth/logout', { body: { refresh_token: successor } }))
    await expectStatus(401, call('GET', '/api/v1/users/me', { token }))
    return true
  } catch (error) {
    print(String(error))
    return false
  }
}

function register(client: HttpClient, email: string): Promise<Answer> {
  return client.send({
    method: 'POST',
    path: '/api/v1/auth/register',
    body: { email, password: PASSWORD },
    headers: addressOf(email),
  })
}

function signIn(client: HttpClient, email: string): Promise<Answer> {
  return client.send({
    method: 'POST',
    path: '/api/v1/auth/login',
    body: { email, password: PASSWORD },
    headers: addressOf(email),
  })
}

async function inBatches<Item>(items: readonly Item[], size: number, work: (item: Item) => Promise<unknown>) {
  for (let i = 0; i < items.length; i += size) await Promise.all(items.slice(i, i + size).map(work))
}

function wrong({ errors }: Tally): number {
  return [...errors.values()].reduce((sum, count) => sum + count, 0)
}

/** The difference between the median of the first samples and the highest sample. NaN without samples. */
function growthMib(samplesMib: readonly number[]): number {
  if (samplesMib.length === 0) return Number.NaN
  return Math.max(...samplesMib) - median(samplesMib.slice(0, FIRST_SAMPLES))
}

function reportTally(tally: Tally, seconds: number): void {
  const { latenciesMs, errors } = tally
  print(`sign-ins     ${latenciesMs.length} in ${seconds.toFixed(1)} s over ${options.connections} connections`)
  print(`             ${(latenciesMs.length / seconds).toFixed(1)} a second`)
  print(
    `errors       ${wrong(tally)}${[...errors].map(([error, count]) => `\n             ${count} x ${error}`).join('')}`,
  )
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(latenciesMs, share).toFixed(0))
  print(`latency      p50 ${p50} ms, p99 ${p99} ms`)
}

function reportMemory(samplesMib: readonly number[], signIns: number): void {
  if (samplesMib.length === 0) return
  const growth = growthMib(samplesMib)
  const limit = options.lazy ? 'with garbage that is not collected yet' : `at most ${MAX_GROWTH_MIB}`
  print(
    `workerd      grew by ${growth.toFixed(1)} MiB, ${limit}; ${((growth * 1024) / signIns).toFixed(0)} KiB a sign-in`,
  )
  print(`             MiB every second: ${samplesMib.map(Math.round).join(' ')}`)
}
