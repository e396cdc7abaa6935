import { DAY_MS } from '../../src/core/time.ts'
import { schemaTables } from './schema-tables.ts'
import { keysIn } from './service.ts'
import { rowsOfEach } from './stores.ts'

/** One thing that a store holds, with its name. */
export interface Held {
  readonly place: string
  readonly text: string
}

export async function inDatabase(): Promise<Held[]> {
  const found = await rowsOfEach(schemaTables.map(({ name }) => `SELECT * FROM ${name}`))
  return schemaTables.flatMap(({ name }, at) =>
    (found[at] ?? []).map((one) => ({ place: name, text: JSON.stringify(one) })),
  )
}

/** Names, lines and metadata of objects. The text of a JWS is read as well. */
export async function inBucket(name: string, bucket: R2Bucket): Promise<Held[]> {
  const objects = (await keysIn(bucket, '')).map(async (path) => {
    const object = await bucket.get(path)
    const lines = [path, ...((await object?.text()) ?? '').split('\n'), ...Object.values(object?.customMetadata ?? {})]
    return lines.map((line) => ({ place: name, text: `${path} ${readable(line)}` }))
  })
  return (await Promise.all(objects)).flat()
}

/** What has not expired: the clock of the test is ahead of that of KV. */
export async function inSpace(name: string, space: KVNamespace): Promise<Held[]> {
  const { keys } = await space.list()
  const kept = keys.filter(({ expiration }) => (expiration ?? Number.POSITIVE_INFINITY) > Date.now() / 1000)
  return Promise.all(kept.map(async (key) => ({ place: name, text: `${key.name} ${await space.get(key.name)}` })))
}

const readable = (line: string): string => {
  const [, payload] = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(line) ?? []
  return payload === undefined ? line : `${line} ${atob(payload.replaceAll('-', '+').replaceAll('_', '/'))}`
}

export const EVENT_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
const CLOCK = /T(?!00:00:00)\d\d:\d\d/

export const hasFineTime = (text: string): boolean =>
  CLOCK.test(text) || (text.match(/\b1\d{12}\b/g) ?? []).some((ms) => Number(ms) % DAY_MS !== 0)
