import { type InspectedHeap, inspectHeaps } from './inspector.ts'
import type { ServedWorker } from './serve.ts'

/**
 * Our Worker, and the Workers that simulate the stores of a sign-in. Idle Workers cannot be made to collect.
 */
const HEAPS = /^(core:user:latchkey|d1:db|d1:db:entry|kv:ns|kv:ns:entry|queues:queue|queues:queue:latchkey-audit)$/
const MOST_TRIES = 100

/** The heaps of a Worker that was served with `isInspected`. */
export const heapsOf = async (miniflare: ServedWorker['miniflare']): Promise<InspectedHeap[]> =>
  inspectHeaps(await miniflare.getInspectorURL(), HEAPS)

/**
 * Collects every heap. Collections run only while an isolate runs, so it gets requests until all heaps have
 * answered.
 * @param keepBusy sends one request to each kind of store
 */
export async function collectAll(heaps: readonly InspectedHeap[], keepBusy: () => Promise<void>): Promise<void> {
  let isDone = false
  const collected = Promise.all(heaps.map((heap) => heap.collect())).then(() => {
    isDone = true
  })
  for (let i = 0; !isDone; i++) {
    if (i === MOST_TRIES) throw new Error('not every heap was collected')
    await keepBusy()
  }
  await collected
}

/** The memory of each heap, by its name: bytes taken from the system, including array buffers. */
export async function heapSizes(heaps: readonly InspectedHeap[]): Promise<Map<string, number>> {
  const sizes = await Promise.all(heaps.map(async (heap) => [heap.name, await heap.usage()] as const))
  return new Map(sizes.map(([name, { totalSize, backingStorageSize }]) => [name, totalSize + backingStorageSize]))
}
