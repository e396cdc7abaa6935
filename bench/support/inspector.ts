import * as z from 'zod'

/** One V8 heap of a workerd process: a Worker of ours, or one that simulates a store. */
export interface InspectedHeap {
  readonly name: string
  usage(): Promise<HeapUsage>
  /** Requests a full collection. It happens when the isolate next runs, so send it a request. */
  collect(): Promise<unknown>
  close(): void
}

export interface HeapUsage {
  /** Bytes of reachable and unreachable objects. */
  readonly usedSize: number
  /** Bytes taken from the system. */
  readonly totalSize: number
  /** Bytes of array buffers, outside the heap. */
  readonly backingStorageSize: number
}

const targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.url() }))
const usage = z.object({ usedSize: z.number(), totalSize: z.number(), backingStorageSize: z.number() })
// Some commands are answered without a result.
const reply = z.object({ id: z.number(), result: z.unknown().optional() })

/** Connects to every isolate of an inspector whose name matches. */
export async function inspectHeaps(inspector: URL, wanted: RegExp): Promise<InspectedHeap[]> {
  const listed = await listTargets(inspector, wanted)
  return Promise.all(
    listed.map(async ({ name, url }) => {
      const { call, close } = await connect(url)
      return {
        name,
        usage: async () => usage.parse(await call('Runtime.getHeapUsage')),
        collect: () => call('HeapProfiler.collectGarbage'),
        close,
      }
    }),
  )
}

/** V8's record of an isolate: a tree of functions, and the one on top at each sample. */
export const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})
export type Profile = z.infer<typeof profileSchema>

/** Records the isolate with that name until it is stopped. */
export async function profile(inspector: URL, wanted: RegExp): Promise<{ stop(): Promise<Profile> }> {
  const [target] = await listTargets(inspector, wanted)
  if (target === undefined) throw new Error(`no isolate is called ${wanted}`)
  const { call, close } = await connect(target.url)
  await call('Profiler.enable')
  await call('Profiler.setSamplingInterval', { interval: 200 })
  await call('Profiler.start')
  return {
    async stop() {
      const stopped = z.object({ profile: profileSchema }).parse(await call('Profiler.stop'))
      close()
      return stopped.profile
    },
  }
}

async function listTargets(inspector: URL, wanted: RegExp) {
  const listed = targets.parse(await (await fetch(`http://${inspector.host}/json`)).json())
  return listed
    .filter(({ id }) => wanted.test(id))
    .map(({ id, webSocketDebuggerUrl }) => ({
      name: id,
      url: `ws://${inspector.host}${new URL(webSocketDebuggerUrl).pathname}`,
    }))
}

async function connect(url: string) {
  const socket = new WebSocket(url)
  const pending = new Map<number, (result: unknown) => void>()
  let lastId = 0
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  socket.addEventListener('message', ({ data }) => {
    // Events have no id.
    const parsed = reply.safeParse(JSON.parse(String(data)))
    if (parsed.success) pending.get(parsed.data.id)?.(parsed.data.result)
  })
  return {
    call: (method: string, params: object = {}) =>
      new Promise<unknown>((resolve) => {
        const id = ++lastId
        pending.set(id, resolve)
        socket.send(JSON.stringify({ id, method, params }))
      }),
    close: () => socket.close(),
  }
}
