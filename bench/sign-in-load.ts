import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type DevService, startDevService } from '../test/support/dev-service.ts'
import { workerdMemory } from './memory.ts'

// `npm run bench:load`: fifty connections sign in at once, for twenty seconds, against the service as `npm run dev`
// runs it. Fails on any wrong answer, on memory that grows with the hashes, and when something no longer answers afterwards.
const CONNECTIONS = 50
const SECONDS = 20
const MAX_SIGN_INS = 20_000
const SETTLING_SECONDS = 5
/**
 * The local runtime itself keeps 60 to 80 KiB of every request, also of a Worker that only says "ok", and a sign-in
 * makes several towards the local stores. What must not happen shows far above: a hash that is not freed is 19 MiB.
 */
const MAX_GROWTH_KIB = 512
const PASSWORD = 'correct horse battery staple'

interface Answer {
  readonly status: number
  readonly body: string
}

interface Tally {
  readonly latenciesMs: number[]
  /** How often each wrong answer came. */
  readonly errors: Map<string, number>
}

await using service = await startDevService()
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
process.exitCode = (await measure(service)) ? 0 : 1
agent.destroy()

async function measure({ origin, pid }: DevService): Promise<boolean> {
  // One account a connection, so that no account sees more attempts at once than its limit allows.
  const addresses = Array.from({ length: CONNECTIONS }, (_, i) => `load-${i}@example.com`)
  await inBatches(addresses, 5, (email) => expectStatus(201, register(origin, email)))

  const memory = sampleMemory(pid)
  const tally: Tally = { latenciesMs: [], errors: new Map() }
  const startedAt = performance.now()
  const until = startedAt + SECONDS * 1000
  await Promise.all(addresses.map((email) => signInRepeatedly(origin, email, until, tally)))
  const elapsedSeconds = (performance.now() - startedAt) / 1000
  const samplesMib = memory.stop()

  const isAlive = await answersEverywhere(origin, addresses[0] ?? '')
  report(tally, elapsedSeconds, samplesMib, isAlive)
  return (
    tally.errors.size === 0 &&
    tally.latenciesMs.length > 0 &&
    !(growthKib(tally, elapsedSeconds, samplesMib) > MAX_GROWTH_KIB) &&
    isAlive
  )
}

async function signInRepeatedly(origin: string, email: string, until: number, tally: Tally): Promise<void> {
  while (performance.now() < until && tally.latenciesMs.length < MAX_SIGN_INS) {
    const startedAt = performance.now()
    const outcome = await signIn(origin, email).then(describe, (error: unknown) => String(error))
    tally.latenciesMs.push(performance.now() - startedAt)
    if (outcome !== 'ok') tally.errors.set(outcome, (tally.errors.get(outcome) ?? 0) + 1)
  }
}

function describe({ status, body }: Answer): string {
  return status === 200 && body.includes('"access_token"') ? 'ok' : `${status} ${body.slice(0, 200)}`
}

/** After the run: each store answers, and the whole journey of one person works. */
async function answersEverywhere(origin: string, email: string): Promise<boolean> {
  try {
    await expectStatus(200, send(origin, 'GET', '/livez'))
    await expectStatus(200, send(origin, 'GET', '/readyz'))
    const { access_token, refresh_token } = JSON.parse((await expectStatus(200, signIn(origin, email))).body)
    await expectStatus(200, send(origin, 'GET', '/api/v1/users/me', undefined, access_token))
    await expectStatus(200, send(origin, 'GET', '/api/v1/auth/session', undefined, access_token))
    const refreshed = await expectStatus(200, send(origin, 'POST', '/api/v1/auth/refresh', { refresh_token }))
    const { refresh_token: successor } = JSON.parse(refreshed.body)
    await expectStatus(204, send(origin, 'POST', '/api/v1/auth/logout', { refresh_token: successor }))
    await expectStatus(401, send(origin, 'GET', '/api/v1/users/me', undefined, access_token))
    return true
  } catch (error) {
    print(String(error))
    return false
  }
}

function register(origin: string, email: string): Promise<Answer> {
  return send(origin, 'POST', '/api/v1/auth/register', { email, password: PASSWORD })
}

function signIn(origin: string, email: string): Promise<Answer> {
  return send(origin, 'POST', '/api/v1/auth/login', { email, password: PASSWORD })
}

async function expectStatus(expected: number, pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending
  if (answer.status !== expected) throw new Error(`${answer.status} instead of ${expected}: ${answer.body}`)
  return answer
}

async function inBatches<Item>(items: readonly Item[], size: number, work: (item: Item) => Promise<unknown>) {
  for (let i = 0; i < items.length; i += size) await Promise.all(items.slice(i, i + size).map(work))
}

/** node:http and not fetch: one agent with so many sockets is so many connections. */
function send(origin: string, method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return new Promise((resolve, reject) => {
    const call = request(origin + path, { method, headers, agent, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error('no answer in 30 s')))
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function sampleMemory(pid: number): { stop(): readonly number[] } {
  if (!existsSync('/proc/self/status')) return { stop: () => [] }
  const samplesMib = [workerdMemory(pid)]
  const timer = setInterval(() => samplesMib.push(workerdMemory(pid)), 1000)
  return {
    stop() {
      clearInterval(timer)
      return samplesMib
    },
  }
}

/** Memory gained for each sign-in after the first seconds, in KiB; NaN without samples. */
function growthKib({ latenciesMs }: Tally, seconds: number, samplesMib: readonly number[]): number {
  const settled = samplesMib.slice(SETTLING_SECONDS)
  const gainedMib = (settled.at(-1) ?? Number.NaN) - (settled[0] ?? Number.NaN)
  return (gainedMib * 1024) / ((latenciesMs.length / seconds) * (settled.length - 1))
}

function report(tally: Tally, seconds: number, samplesMib: readonly number[], isAlive: boolean) {
  const { latenciesMs, errors } = tally
  const wrong = [...errors.values()].reduce((sum, count) => sum + count, 0)
  const mib = (value: number | undefined) => `${Math.round(value ?? Number.NaN)} MiB`
  print(`sign-ins     ${latenciesMs.length} in ${seconds.toFixed(1)} s over ${CONNECTIONS} connections`)
  print(`             ${(latenciesMs.length / seconds).toFixed(1)} a second`)
  print(`errors       ${wrong}${[...errors].map(([error, count]) => `\n             ${count} x ${error}`).join('')}`)
  print(
    `latency      p50 ${quantile(latenciesMs, 0.5).toFixed(0)} ms, p99 ${quantile(latenciesMs, 0.99).toFixed(0)} ms`,
  )
  if (samplesMib.length > 0) {
    print(
      `workerd      first ${mib(samplesMib[0])}, median ${mib(median(samplesMib))}, max ${mib(Math.max(...samplesMib))}`,
    )
    const growth = growthKib(tally, seconds, samplesMib).toFixed(0)
    print(
      `             last ${mib(samplesMib.at(-1))}; after ${SETTLING_SECONDS} s ${growth} KiB a sign-in, at most ${MAX_GROWTH_KIB}`,
    )
    print(`             every second: ${samplesMib.map(Math.round).join(' ')}`)
  }
  print(`afterwards   ${isAlive ? 'everything answers' : 'NOT EVERYTHING ANSWERS'}`)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
