import * as z from 'zod'

/** One V8 heap of a workerd process: a Worker of ours, or one that plays a store. */
export interface InspectedHeap {
  readonly name: string
  usage(): Promise<HeapUsage>
  /** Asks for a full collection; it happens when the isolate next runs, so send it a request. */
  collect(): Promise<unknown>
  close(): void
}

export interface HeapUsage {
  /** Bytes of live and dead objects. */
  readonly usedSize: number
  /** Bytes taken from the system. */
  readonly totalSize: number
  /** Bytes of array buffers, outside the heap. */
  readonly backingStorageSize: number
}

const targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.url() }))
const usage = z.object({ usedSize: z.number(), totalSize: z.number(), backingStorageSize: z.number() })
const reply = z.object({ id: z.number(), result: z.unknown() })

/** Connects to every isolate behind an inspector's address whose name matches. */
export async function inspectHeaps(inspector: URL, wanted: RegExp): Promise<InspectedHeap[]> {
  const listed = targets.parse(await (await fetch(`http://${inspector.host}/json`)).json())
  return Promise.all(
    listed
      .filter(({ id }) => wanted.test(id))
      .map(async ({ id, webSocketDebuggerUrl }) => {
        const { pathname } = new URL(webSocketDebuggerUrl)
        const { call, close } = await connect(`ws://${inspector.host}${pathname}`)
        return {
          name: id,
          usage: async () => usage.parse(await call('Runtime.getHeapUsage')),
          collect: () => call('HeapProfiler.collectGarbage'),
          close,
        }
      }),
  )
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
    call: (method: string) =>
      new Promise<unknown>((resolve) => {
        const id = ++lastId
        pending.set(id, resolve)
        socket.send(JSON.stringify({ id, method }))
      }),
    close: () => socket.close(),
  }
}
