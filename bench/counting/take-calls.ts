import * as z from 'zod'
import type { Recorded, StoreCall } from './recorder.ts'

const QUIET_MS = 300

const recordedSchema = z.custom<Recorded>((value) => typeof value === 'object' && value !== null && 'calls' in value)

/** The calls of a counted Worker since the last reading, once it makes no more. */
export async function takeCalls(origin: string): Promise<readonly StoreCall[]> {
  const read = async (query: string) => recordedSchema.parse(await (await fetch(`${origin}/__calls${query}`)).json())
  for (let before = -1; ; ) {
    const { calls, pending } = await read('')
    if (pending === 0 && calls.length === before) break
    before = calls.length
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  }
  return (await read('?take')).calls
}
