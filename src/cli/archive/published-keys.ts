import { calculateJwkThumbprint } from 'jose'
import * as z from 'zod'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import type { ApiAddress } from '../../core/api-address.ts'
import { UsageError } from '../shared/usage-error.ts'

const publicKeySchema = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() })

/** The members of the answer of `/.well-known/audit-checkpoint` that a verifier needs. */
export const publishedCheckpointSchema = z.object({ checkpoint: z.string(), keys: z.array(publicKeySchema) })

/** The keys alone: what the same address answers before the first segment is archived. */
const publishedKeysSchema = publishedCheckpointSchema.pick({ keys: true })

/** Finds a key by its thumbprint. The ids in the list are ignored. */
export function findAmong(keys: readonly z.infer<typeof publicKeySchema>[]): FindKey {
  return async (kid) => {
    for (const key of keys) if ((await calculateJwkThumbprint(key, 'sha256')) === kid) return key
    return undefined
  }
}

/** Reads a JWK, or the JSON of `/.well-known/audit-checkpoint`. @returns undefined for anything else */
export function readKeys(json: unknown): FindKey | undefined {
  const keys = z.union([publishedKeysSchema.transform(({ keys }) => keys), publicKeySchema.transform((key) => [key])])
  const read = keys.safeParse(json)
  return read.success ? findAmong(read.data) : undefined
}

const FETCH_LIMIT_MS = 10_000

/** Fetches the keys that a running service publishes. @throws Error when it publishes none */
export async function fetchKeys(origin: string): Promise<FindKey> {
  const base = URL.parse(origin)
  // A key that was fetched over plain HTTP proves nothing, because an attacker on the way could replace it.
  const isPrivate = base?.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(base?.hostname ?? '')
  if (base === null || !isPrivate) throw new UsageError(`${origin} is not an https origin.`)
  const url = new URL('/.well-known/audit-checkpoint' satisfies ApiAddress, base)
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS), redirect: 'error' })
  const findKey = response.ok ? readKeys(await response.json()) : undefined
  if (findKey === undefined) throw new Error(`${url} gave no keys (status ${response.status})`)
  return findKey
}
