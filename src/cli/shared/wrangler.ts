import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

/** The address on which a development server listens, as wrangler reports it. */
export interface Address {
  readonly ip: string
  readonly port: number
}

const readyMessage = z.object({ event: z.literal('DEV_SERVER_READY'), ip: z.string(), port: z.number() })

/**
 * Keeps wrangler off the network: no usage figures, no check for updates, no sample of Cloudflare's
 * `request.cf`. Local traces are off as well, because they store the URL of every request, and the URL of an
 * operator's search contains an e-mail address.
 */
export const OFFLINE = {
  X_LOCAL_OBSERVABILITY: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
}

/** Runs one wrangler command to its end. `output` is everything that it printed. */
export async function runWrangler(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const wrangler = start(args, ['ignore', 'pipe', 'pipe'])
  const chunks: Buffer[] = []
  wrangler.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  wrangler.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const exitCode = await exitCodeOf(wrangler)
  return { exitCode, output: Buffer.concat(chunks).toString() }
}

/**
 * Runs `wrangler dev` until it ends, and calls `onReady` when it listens.
 * @param stopping ends it
 * @returns its exit code
 */
export async function serveWrangler(
  args: readonly string[],
  onReady: (address: Address) => void,
  stopping?: AbortSignal,
): Promise<number> {
  // wrangler sends its address over an IPC channel if there is one, so its output need not be parsed.
  const wrangler = start(args, ['ignore', 'inherit', 'inherit', 'ipc'])
  wrangler.on('message', (message) => {
    const address = readReadyMessage(message)
    if (address) onReady(address)
  })
  stopping?.addEventListener('abort', () => wrangler.kill('SIGTERM'), { once: true })
  return await exitCodeOf(wrangler)
}

/** Reads the address from wrangler's message (a JSON text). @returns undefined for any other message */
export function readReadyMessage(message: unknown): Address | undefined {
  if (typeof message !== 'string') return undefined
  try {
    return readyMessage.safeParse(JSON.parse(message)).data
  } catch {
    return undefined
  }
}

/**
 * Without a stdin wrangler runs unattended: it asks no questions, starts no log-in and draws no line of
 * hotkeys.
 */
function start(args: readonly string[], stdio: StdioOptions): ChildProcess {
  const packagePath = createRequire(import.meta.url).resolve('wrangler/package.json')
  const script = join(packagePath, '..', 'bin', 'wrangler.js')
  return spawn(process.execPath, [script, ...args], { stdio, env: { ...process.env, ...OFFLINE } })
}

/**
 * Waits until wrangler ends. Ends it, and its workerd with it, when this process is stopped or npm has been
 * killed.
 */
async function exitCodeOf(wrangler: ChildProcess): Promise<number> {
  let stopCode = 0
  // wrangler ends its workerd on SIGTERM. On SIGHUP it would leave workerd running.
  const stop = (signal: NodeJS.Signals) => {
    stopCode = 128 + constants.signals[signal]
    wrangler.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  const watch = setInterval(() => {
    if (npmIsGone()) stop('SIGTERM')
  }, 500)
  try {
    const code = await closed(wrangler)
    // wrangler exits with 0 when a signal interrupted it. An interrupted migration must not look finished.
    return code === 0 ? stopCode : code
  } finally {
    clearInterval(watch)
    for (const signal of signals) process.off(signal, stop)
  }
}

async function closed(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

const parentAtStart = process.ppid

/**
 * Tells whether npm was killed. A killed npm passes no signal on. A shell that ends (`nohup`) does not count.
 */
function npmIsGone(): boolean {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parentAtStart
}
