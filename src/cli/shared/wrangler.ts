import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

/** Where a development server really listens, in its own words. */
export interface Address {
  readonly ip: string
  readonly port: number
}

const readyMessage = z.object({ event: z.literal('DEV_SERVER_READY'), ip: z.string(), port: z.number() })

/**
 * Nothing here needs the network: no usage figures, no look for updates, no sample of Cloudflare's
 * `request.cf`. And no local traces: they keep the address of every request, in which an operator's search
 * has somebody's e-mail address.
 */
export const OFFLINE = {
  X_LOCAL_OBSERVABILITY: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
}

/** Runs one wrangler command to its end; `output` is everything it printed. */
export async function runWrangler(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const wrangler = start(args, ['ignore', 'pipe', 'pipe'])
  const chunks: Buffer[] = []
  wrangler.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  wrangler.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const exitCode = await exitCodeOf(wrangler)
  return { exitCode, output: Buffer.concat(chunks).toString() }
}

/** Runs `wrangler dev` until it ends, calls `onReady` when it listens, and answers its exit code. */
export async function serveWrangler(args: readonly string[], onReady: (address: Address) => void): Promise<number> {
  // wrangler tells a parent with an IPC channel where it listens: no parsing of what it prints.
  const wrangler = start(args, ['ignore', 'inherit', 'inherit', 'ipc'])
  wrangler.on('message', (message) => {
    const address = readReadyMessage(message)
    if (address) onReady(address)
  })
  return await exitCodeOf(wrangler)
}

/** The address in wrangler's announcement (a JSON text), or undefined for any other message. */
export function readReadyMessage(message: unknown): Address | undefined {
  if (typeof message !== 'string') return undefined
  try {
    return readyMessage.safeParse(JSON.parse(message)).data
  } catch {
    return undefined
  }
}

/**
 * Without a stdin wrangler takes itself for unattended: no questions, no log-in, no redrawn line of hotkeys.
 */
function start(args: readonly string[], stdio: StdioOptions): ChildProcess {
  const packagePath = createRequire(import.meta.url).resolve('wrangler/package.json')
  const script = join(packagePath, '..', 'bin', 'wrangler.js')
  return spawn(process.execPath, [script, ...args], { stdio, env: { ...process.env, ...OFFLINE } })
}

/**
 * Waits for wrangler's end, and ends it (and with it its workerd) when this process is to stop or npm is
 * gone.
 */
async function exitCodeOf(wrangler: ChildProcess): Promise<number> {
  let stopCode = 0
  // wrangler ends its workerd on SIGTERM; on SIGHUP it would leave it behind.
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
    // wrangler answers 0 when a signal cut it short, and an interrupted migration must not look like a
    // finished one.
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
 * An npm that was killed outright passes no signal on; a shell that ends on purpose (`nohup`) is none of it.
 */
function npmIsGone(): boolean {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parentAtStart
}
