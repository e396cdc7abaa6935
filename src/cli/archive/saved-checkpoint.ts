import { readFileSync } from 'node:fs'
import { type FindKey, type KeptHead, readKeptHead } from '../../compliance/archive/format/signed-head.ts'
import { parseJson } from '../../core/json.ts'
import { UsageError } from '../shared/usage-error.ts'
import { findAmong, publishedCheckpointSchema } from './published-keys.ts'

/**
 * Reads a checkpoint that the operator kept: a bare JWS, or the JSON of `/.well-known/audit-checkpoint`. Keys
 * in that JSON take precedence over those of the archive.
 * @throws UsageError when the file cannot be read or is neither
 */
export async function readSavedCheckpoint(path: string, findInArchive: FindKey): Promise<KeptHead> {
  const text = readText(path).trim()
  const published = publishedCheckpointSchema.safeParse(parseJson(text))
  const jws = published.success ? published.data.checkpoint : text
  const findInFile = findAmong(published.data?.keys ?? [])
  const kept = await readKeptHead(jws, async (kid) => (await findInFile(kid)) ?? (await findInArchive(kid)))
  if (kept === undefined) throw new UsageError(`${path} holds no checkpoint.`)
  return kept
}

/** @throws UsageError when the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}.`)
  }
}
