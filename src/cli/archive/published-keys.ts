import { calculateJwkThumbprint } from 'jose'
import * as z from 'zod'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import type { ApiAddress } from '../../core/api-address.ts'
import { type NoteKey, parseNoteKey } from '../../tlog/note.ts'
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
  const findKey = readKeys(await fetchPublished(origin))
  if (findKey === undefined) throw new Error(`${origin} published no keys`)
  return findKey
}

/** The keys with which a service signs the checkpoints of its log, as text (`<name>+<hash>+<key>`). */
const publishedLogKeys = z.object({ log_keys: z.array(z.string()) })

/** Fetches the keys of the log that a running service publishes. @throws Error when it publishes none */
export async function fetchLogKeys(origin: string): Promise<NoteKey[]> {
  const texts = publishedLogKeys.safeParse(await fetchPublished(origin)).data?.log_keys ?? []
  const parsed = texts.map(parseNoteKey)
  const keys = parsed.flatMap((key) => (key?.type === 'log' ? [key] : []))
  if (keys.length === 0) throw new Error(`${origin} published no keys of a log`)
  return keys
}

/**
 * Fetches what a running service publishes about its archive.
 * @throws UsageError unless the connection is private @throws Error when there is no answer
 */
export async function fetchPublished(origin: string): Promise<unknown> {
  const response = await fetchPublic(origin, '/.well-known/audit-checkpoint' satisfies ApiAddress)
  return await response.json()
}

/**
 * Fetches a public part of the archive from a running service.
 * @throws UsageError unless the connection is private @throws Error when there is no answer, or no success
 */
export async function fetchPublic(origin: string, path: string): Promise<Response> {
  const base = URL.parse(origin)
  // A key that was fetched over plain HTTP proves nothing, because an attacker on the way could replace it.
  const isPrivate = base?.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(base?.hostname ?? '')
  if (base === null || !isPrivate) throw new UsageError(`${origin} is not an https origin.`)
  const url = new URL(path, base)
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS), redirect: 'error' })
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`)
  return response
}
