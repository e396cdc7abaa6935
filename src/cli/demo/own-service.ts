import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_PORT } from '../dev/dev-options.ts'
import { ensureRootKeys } from '../dev/dev-vars.ts'
import { findFreePort } from '../dev/free-port.ts'

/** A service of the demonstration's own, with data that may be destroyed. */
export interface DemoService extends AsyncDisposable {
  readonly origin: string
  /** The folder of its stores. */
  readonly state: string
  /** The key of the witness that runs beside the service (vkey of C2SP signed-note). */
  readonly witnessKey: string
  /**
   * Waits for the next mail that the service prints, and returns the link in it.
   * @throws Error when no mail is printed within ten seconds
   */
  waitForLink(page: string): Promise<URL>
}

const READY_MS = 90_000
const MAIL_MS = 10_000
const LOOK_AGAIN_MS = 100

/**
 * Starts the service with stores and keys of its own, which are deleted when it stops. It has no grace
 * period, and publishes its log without delay.
 */
export async function startOwnService(): Promise<DemoService> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
  const [state, secrets] = [join(folder, 'state'), join(folder, 'secrets')]
  ensureRootKeys(secrets)
  const port = await findFreePort(DEFAULT_PORT + 10)
  const place = ['--port', String(port), '--inspector-port', '0', '--persist-to', state, '--env-file', secrets]
  const script = join(import.meta.dirname, '..', 'latchkey.js')
  const child = spawn(
    process.execPath,
    [script, 'dev', ...place, '--var', 'ERASURE_GRACE_DAYS:0', '--var', 'LOG_PUBLISH_SECONDS:1', '--witness'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // This makes the service stop by itself when this process is killed.
      env: { ...process.env, npm_lifecycle_event: 'demo', WRANGLER_LOG_PATH: folder },
    },
  )
  const printed = collect(child)
  const origin = `http://localhost:${port}`
  async function stop() {
    const isGone = child.exitCode !== null || child.signalCode !== null
    if (!isGone && child.kill('SIGTERM')) await once(child, 'close')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const witnessKey = await waitFor(() => WITNESS_KEY.exec(printed())?.[1] ?? failIfGone(child, printed), READY_MS)
    return {
      origin,
      state,
      witnessKey,
      [Symbol.asyncDispose]: stop,
      waitForLink: (page) => waitFor(() => newestLink(printed(), page), MAIL_MS),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What `latchkey dev --witness` prints last, when the service and the witness are ready. */
const WITNESS_KEY = /witness on \S+ watches[^\n]+\n\n\s+(\S+)\n/

function failIfGone(child: ChildProcess, printed: () => string): false {
  if (child.exitCode === null) return false
  throw new Error(`the service did not start:\n${printed()}`)
}

function newestLink(text: string, page: string): URL | undefined {
  const links = text.match(/https?:\/\/\S+#token=\S+/g) ?? []
  return URL.parse(links.findLast((link) => link.includes(`/${page}#`)) ?? '') ?? undefined
}

/** Polls until a value is found. @throws Error when the time is over */
export async function waitFor<T>(look: () => T | Promise<T>, limitMs: number): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const found = await look()
    if (found) return found as NonNullable<Exclude<T, false>>
    if (Date.now() > deadline) throw new Error(`nothing came within ${limitMs / 1000} seconds`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}
