import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * The service as `npm run dev` runs it, with stores, keys, logs and temporary files in a folder of its own.
 */
export interface DevService {
  readonly origin: string
  readonly pid: number
  readonly rootKey: Buffer
  /**
   * The folder of everything that the service wrote: `state`, `logs`, `tmp`, and its output in `printed`. Its
   * keys are in another folder.
   */
  readonly written: string
  /** The local stores, the value of `--persist-to`. */
  readonly state: string
  /** Its output so far, mails included. */
  printed(): string
  stop(): Promise<void>
  /** Stops the service if it runs, and deletes its files. */
  [Symbol.asyncDispose](): Promise<void>
}

interface Options {
  /** A configuration file other than that of the repository. */
  readonly configPath?: string
  /** Additional environment variables of `npm run dev`. */
  readonly env?: Readonly<Record<string, string>>
  /** Settings in addition to those of the configuration. */
  readonly settings?: Readonly<Record<string, string>>
  /** With `https`, wrangler makes a certificate that no authority has signed. */
  readonly scheme?: 'http' | 'https'
  /** A stopped service. The new one takes over its stores, its keys and its port. */
  readonly after?: DevService
}

const READY_MS = 60_000
const STOP_MS = 10_000

/** Starts the service on a free loopback port and waits until it is ready. */
export async function startDevService(options: Options = {}): Promise<DevService> {
  const { configPath, env = {}, settings = {}, scheme = 'http', after } = options
  const folder = after === undefined ? mkdtempSync(join(tmpdir(), 'latchkey-')) : dirname(after.written)
  const written = join(folder, 'written')
  const [state, logs, tmp] = ['state', 'logs', 'tmp'].map((name) => join(written, name)) as [string, string, string]
  for (const path of [state, logs, tmp]) mkdirSync(path, { recursive: true })
  const secrets = join(folder, 'secrets')
  const rootKey = after?.rootKey ?? randomBytes(32)
  writeFileSync(secrets, `ROOT_KEYS="1:${rootKey.toString('base64url')}"\n`, { mode: 0o600 })

  const port = after === undefined ? await freePort() : Number(new URL(after.origin).port)
  const place = ['--port', String(port), '--local-protocol', scheme, '--inspector-port', '0']
  const args = [...place, '--persist-to', state, '--env-file', secrets]
  const config = configPath === undefined ? [] : ['--config', configPath]
  const variables = Object.entries(settings).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const child = spawn(process.execPath, ['src/cli/latchkey.js', 'dev', ...args, ...config, ...variables], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that all processes can be killed if they do not stop when asked. With
    // the npm variable the service stops by itself when this process has ended.
    detached: true,
    env: { ...process.env, ...env, npm_lifecycle_event: 'test', TMPDIR: tmp, WRANGLER_LOG_PATH: logs },
  })
  const printed = collectOutput(child)
  const closed = once(child, 'close')
  const pid = child.pid ?? 0

  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const kill = setTimeout(() => process.kill(-pid, 'SIGKILL'), STOP_MS)
    await closed
    clearTimeout(kill)
    writeFileSync(join(written, 'printed'), printed())
  }
  async function remove(): Promise<void> {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    const origin = `${scheme}://localhost:${port}`
    await waitForText(`Ready on ${origin} (`, printed, child)
    return { origin, pid, rootKey, written, state, printed, stop, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function waitForText(text: string, printed: () => string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_MS
  while (!printed().includes(text)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`not ready:\n${printed()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function collectOutput(child: ChildProcess): () => string {
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

async function freePort(): Promise<number> {
  await using server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
