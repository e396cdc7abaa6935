import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'
import { usePlainTimers } from './support/plain-timers.ts'
import { makeTables } from './support/schema.ts'

usePlainTimers()

/** Before the first test of a file; what the file before it left in the archive was seen there. */
let isFirst = true

async function assertEmpty(bucket: R2Bucket): Promise<void> {
  if ((await bucket.list({ limit: 1 })).objects.length > 0) throw new Error('a bucket holds something')
}

/**
 * On a busy machine a reset was seen to leave rows and objects, mostly between two files; another one takes
 * them.
 */
async function startEmpty(resetsLeft = 5): Promise<void> {
  await reset()
  const buckets = isFirst ? [env.VAULT, env.ARCHIVE] : [env.VAULT]
  const outcomes = await Promise.allSettled([...buckets.map(assertEmpty), makeTables()])
  const [failed] = outcomes.filter(({ status }) => status === 'rejected')
  if (failed === undefined) return
  if (resetsLeft === 0) throw (failed as PromiseRejectedResult).reason
  await startEmpty(resetsLeft - 1)
}

const { WITHOUT_STORES } = env as Env & { readonly WITHOUT_STORES: readonly string[] }

beforeEach(async ({ task }) => {
  if (WITHOUT_STORES.some((file) => task.file.filepath.endsWith(`/${file}`))) return
  await startEmpty()
  isFirst = false
})
