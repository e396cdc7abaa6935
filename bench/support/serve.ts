import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import * as z from 'zod'
import { bundleWorker } from './bundle.ts'
import { playBurstLimits } from './shields.ts'
import { sum } from './statistics.ts'
import { workerdsUnder } from './workerd-process.ts'

/** The production bundle of one Worker, in a workerd of its own. */
export interface ServedWorker {
  /** Sends requests to the Worker itself, without Miniflare's routing. */
  readonly origin: string
  readonly pid: number
  /** A message waits this long in its queue for others, at most. Zero without queues. */
  readonly queueDelayMs: number
  /** Bytes of the minified scripts of the bundle. */
  readonly bundleBytes: number
  readonly miniflare: Miniflare
  [Symbol.asyncDispose](): Promise<void>
}

interface Caller {
  readonly name: string
  readonly script: string
}

interface Options {
  readonly name: string
  /** Its wrangler.toml, which defines the bindings. */
  readonly configPath: string
  readonly vars?: Readonly<Record<string, string>>
  /** Replaces `main` of the configuration. */
  readonly script?: string
  /** Source and name of a second Worker, which has the first as `env.WORKER`. */
  readonly caller?: Caller
  /** The folder of its bundle and stores, so that it can be started again. The caller deletes it. */
  readonly folder?: string
  /** Opens workerd's inspector, and keeps the names of functions. This slows the Worker down a little. */
  readonly isInspected?: boolean
}

const DIRECT_SOCKETS = [{ host: '127.0.0.1', port: 0 }]

/**
 * A configuration may let a batch of a queue wait longer than a round takes. Its work would then fall into
 * the round of another contender.
 */
const QUEUE_DELAY_SECONDS = 1

const stringVars = z.record(z.string(), z.string())
const queueSettings = z.record(z.string(), z.looseObject({})).default({})

/** Bundles and serves a Worker with local stores in a folder of their own, which is deleted when it stops. */
export async function serveWorker(options: Options): Promise<ServedWorker> {
  const { name, configPath, script, vars, caller, isInspected = false } = options
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const bundle = join(folder, 'bundle')
  if (!existsSync(bundle)) bundleWorker({ configPath, script, isReadable: isInspected }, bundle)
  const {
    modulesRules: _,
    bindings,
    ratelimits,
    queueConsumers,
    ...worker
  } = unstable_getMiniflareWorkerOptions(configPath).workerOptions
  const queues = Object.entries(queueSettings.parse(queueConsumers))
  const burstLimits = playBurstLimits(ratelimits)
  const before = new Set(workerdsUnder(process.pid))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      host: '127.0.0.1',
      port: 0,
      ...(isInspected && { inspectorPort: 0 }),
      log: new Log(LogLevel.ERROR),
      // The log of the Worker is read and discarded.
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: join(folder, 'state'),
      resourceTmpPath: join(folder, 'tmp'),
      workers: [
        {
          ...worker,
          name,
          bindings: { ...stringVars.parse(bindings), ...vars },
          serviceBindings: { ...(worker.serviceBindings as object | undefined), ...burstLimits.serviceBindings },
          modulesRoot: bundle,
          modules: readModules(bundle),
          queueConsumers: Object.fromEntries(
            queues.map(([queue, consumer]) => [queue, { ...consumer, maxBatchTimeout: QUEUE_DELAY_SECONDS }]),
          ),
          unsafeDirectSockets: DIRECT_SOCKETS,
        },
        ...(caller ? [workerThatCalls(caller, name)] : []),
        ...burstLimits.workers,
      ],
    }),
  )
  await miniflare.ready
  const { origin } = await miniflare.unsafeGetDirectURL(name)
  const [pid = 0] = workerdsUnder(process.pid).filter((candidate) => !before.has(candidate))
  return {
    origin,
    pid,
    queueDelayMs: queues.length > 0 ? QUEUE_DELAY_SECONDS * 1000 : 0,
    bundleBytes: sum(readModules(bundle), ({ contents }) => Buffer.byteLength(contents)),
    miniflare,
    async [Symbol.asyncDispose]() {
      await miniflare.dispose()
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function workerThatCalls({ name, script }: Caller, called: string) {
  return {
    name,
    modulesRoot: '.',
    modules: [{ type: 'ESModule' as const, path: 'index.js', contents: script }],
    compatibilityDate: '2026-11-01',
    serviceBindings: { WORKER: called },
    unsafeDirectSockets: DIRECT_SOCKETS,
  }
}

function readModules(folder: string) {
  const names = readdirSync(folder).filter((name) => /\.(m?js|wasm|gz)$/.test(name))
  // The first module is the Worker: the only script, or the one with that name.
  const rank = (name: string): number => (/^index\.m?js$/.test(name) ? 2 : Number(/\.m?js$/.test(name)))
  names.sort((a, b) => rank(b) - rank(a))
  return names.map((name) => {
    const path = join(folder, name)
    if (/\.m?js$/.test(name)) return { type: 'ESModule' as const, path, contents: readFileSync(path, 'utf8') }
    const type = name.endsWith('.wasm') ? ('CompiledWasm' as const) : ('Data' as const)
    return { type, path, contents: readFileSync(path) }
  })
}
