import { randomBytes } from 'node:crypto'
import { collectAll, heapSizes, heapsOf } from './support/collect-heaps.ts'
import { addressOf, createHttpClient, expectStatus, type HttpClient } from './support/http-client.ts'
import { applySchema } from './support/migrate.ts'
import { print } from './support/print.ts'
import { type ServedWorker, serveWorker } from './support/serve.ts'
import { residentMib } from './support/workerd-process.ts'

// `npm run bench -- memory`: shows which heaps hold the memory of workerd. Signs in over fifty connections,
// without the development proxy, and compares the process and each of its heaps before and after a forced
// garbage collection. The memory in use must not grow.
const CONNECTIONS = 50
const ROUNDS = 5
const ROUND_SIGN_INS = 400
/** The rows of a sign-in take about 2 KiB, and their pages are cached. */
const MAX_KEPT_KIB = 16
const PASSWORD = 'correct horse battery staple'
const MIB = 1024 * 1024

const vars = { ROOT_KEYS: `1:${randomBytes(32).toString('base64url')}` }
await using worker = await serveWorker({ name: 'latchkey', configPath: 'wrangler.toml', vars, isInspected: true })
await applySchema(worker.miniflare, 'migrations')
process.exitCode = (await measure(worker)) ? 0 : 1

async function measure({ origin, pid, miniflare }: ServedWorker): Promise<boolean> {
  const client = createHttpClient(origin, CONNECTIONS)
  const emails = Array.from({ length: CONNECTIONS }, (_, i) => `memory-${i}@example.com`)
  for (const email of emails) await expectStatus(201, register(client, email))
  const heaps = await heapsOf(miniflare)

  const kept: { signIns: number; mib: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await signInTimes(ROUND_SIGN_INS, client, emails)
    const signIns = (round + 1) * ROUND_SIGN_INS
    const before = { mib: residentMib([pid]), heaps: await heapSizes(heaps) }
    await collectAll(heaps, () => keepBusy(client))
    const after = { mib: residentMib([pid]), heaps: await heapSizes(heaps) }
    print(`after ${signIns} sign-ins: ${before.mib.toFixed(0)} MiB resident, ${after.mib.toFixed(0)} when collected`)
    for (const name of before.heaps.keys()) print(heapLine(name, before.heaps, after.heaps))
    kept.push({ signIns, mib: after.mib })
  }
  for (const heap of heaps) heap.close()
  client.close()
  const [first, last] = [kept[0], kept.at(-1)]
  if (first === undefined || last === undefined) return false
  const keptKib = ((last.mib - first.mib) * 1024) / (last.signIns - first.signIns)
  print(`kept for each sign-in since the first round: ${keptKib.toFixed(1)} KiB, at most ${MAX_KEPT_KIB}`)
  return keptKib <= MAX_KEPT_KIB
}

async function signInTimes(times: number, client: HttpClient, emails: readonly string[]): Promise<void> {
  let started = 0
  await Promise.all(
    emails.map(async (email) => {
      while (started++ < times) await expectStatus(200, signIn(client, email))
    }),
  )
}

/** One request to each kind of store. */
async function keepBusy(client: HttpClient): Promise<void> {
  await expectStatus(200, client.send({ method: 'GET', path: '/readyz' }))
  await expectStatus(201, register(client, `collect-${performance.now()}@example.com`))
}

function heapLine(name: string, before: Map<string, number>, after: Map<string, number>): string {
  const [was, is] = [before, after].map((sizes) => ((sizes.get(name) ?? 0) / MIB).toFixed(1).padStart(6))
  return `  ${name.padEnd(30)} ${was} MiB -> ${is}`
}

function register(client: HttpClient, email: string) {
  return client.send({
    method: 'POST',
    path: '/api/v1/auth/register',
    body: { email, password: PASSWORD },
    headers: addressOf(email),
  })
}

function signIn(client: HttpClient, email: string) {
  return client.send({
    method: 'POST',
    path: '/api/v1/auth/login',
    body: { email, password: PASSWORD },
    headers: addressOf(email),
  })
}
