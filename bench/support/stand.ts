import type { Contender, OperationName } from './contender.ts'
import { applySchema } from './migrate.ts'
import { print } from './print.ts'
import { CLIENT, pin, SERVER } from './processors.ts'
import { type ServedWorker, serveWorker } from './serve.ts'

const RESOURCE_SERVER = 'resource-server'

/** All contenders, served and ready. */
export interface Stand {
  readonly workers: ReadonlyMap<string, ServedWorker>
  /** The Worker that answers an operation. */
  serverOf(contender: Contender, operation: OperationName): ServedWorker
  [Symbol.asyncDispose](): Promise<void>
}

interface Options {
  /** Also serves the Worker that checks tokens. */
  readonly isCheckingTokens: boolean
  readonly isInspected?: boolean
  /** Replaces `main` of a wrangler file. */
  script?(configPath: string): string
}

/**
 * Builds and serves each contender in a workerd of its own, and the server that checks their tokens in
 * another.
 */
export async function openStand(contenders: readonly Contender[], options: Options): Promise<Stand> {
  const { isCheckingTokens, isInspected = false, script } = options
  const workers = new Map<string, ServedWorker>()
  const close = async () => {
    await Promise.all([...workers.values()].map((worker) => worker[Symbol.asyncDispose]()))
  }
  try {
    const arePinned = pin(process.pid, CLIENT)
    for (const { name, configPath, schema, vars } of [...contenders, ...(isCheckingTokens ? [resourceServer] : [])]) {
      const worker = await serveWorker({
        name,
        configPath,
        isInspected,
        ...(script && { script: script(configPath) }),
        ...(vars && { vars: vars() }),
      })
      workers.set(name, worker)
      if (schema !== undefined) await applySchema(worker.miniflare, schema)
      if (arePinned) pin(worker.pid, SERVER)
    }
    if (!arePinned) print('Processes could not be kept on a processor each: figures of this run mean little.')
    if (isCheckingTokens) await trustAll(contenders, workers)
  } catch (error) {
    await close()
    throw error
  }
  return {
    workers,
    serverOf: (contender, operation) => getWorker(workers, contender.operations[operation]?.servedBy ?? contender.name),
    [Symbol.asyncDispose]: close,
  }
}

const resourceServer: Pick<Contender, 'name' | 'configPath' | 'schema' | 'vars'> = {
  name: RESOURCE_SERVER,
  configPath: 'bench/contenders/resource-server/wrangler.toml',
}

/** Gives the resource server the public keys of all contenders, as if it had fetched them once. */
async function trustAll(contenders: readonly Contender[], workers: ReadonlyMap<string, ServedWorker>): Promise<void> {
  const { origin: checker } = getWorker(workers, RESOURCE_SERVER)
  for (const { name, keysPath, tokens } of contenders) {
    if (keysPath === undefined || tokens === undefined) continue
    const { origin } = getWorker(workers, name)
    const keys = await (await fetch(origin + keysPath)).json()
    const body = JSON.stringify({ ...tokens(origin), keys })
    const { ok } = await fetch(`${checker}/issuers/${name}`, { method: 'PUT', body })
    if (!ok) throw new Error(`the resource server does not take the keys of ${name}`)
  }
}

function getWorker(workers: ReadonlyMap<string, ServedWorker>, name: string): ServedWorker {
  const worker = workers.get(name)
  if (worker === undefined) throw new Error(`${name} is not served`)
  return worker
}
