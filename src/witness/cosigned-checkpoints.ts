import { createHash } from 'node:crypto'
import type { TreeHead } from '../tlog/checkpoint.ts'
import { emptyRoot } from '../tlog/merkle.ts'
import { fromBase64, toBase64 } from '../tlog/note.ts'

/** The newest checkpoint of a log that the witness cosigned. */
export interface Cosigned {
  readonly size: number
  readonly root: Uint8Array
  /** False if it never cosigned one. */
  readonly isStored: boolean
}

export type NewCheckpoint = TreeHead & {
  /** With the signature of the log and the cosignatures. */
  readonly note: string
  /** Unix seconds. */
  readonly time: number
}

/** The path component of a log: SHA-256 of its origin, hexadecimal. */
export const originHash = (origin: string): string => createHash('sha256').update(origin).digest('hex')

/** Finds the newest cosigned checkpoint of a log. It is the empty tree before the first. */
export async function findCosigned(db: D1Database, origin: string): Promise<Cosigned> {
  const row = await db.prepare('SELECT size, root FROM checkpoints WHERE origin = ?').bind(origin).first()
  if (row === null) return { size: 0, root: emptyRoot(), isStored: false }
  const [size, root] = [Number(row.size), fromBase64(String(row.root))]
  if (!Number.isSafeInteger(size) || root === undefined) throw new TypeError('a stored checkpoint is damaged')
  return { size, root, isStored: true }
}

/** Finds the cosigned note by the hash of its origin. */
export async function findNote(db: D1Database, hash: string): Promise<string | undefined> {
  const row = await db
    .prepare('SELECT note FROM checkpoints WHERE origin_hash = ?')
    .bind(hash)
    .first<{ note: string }>()
  return row?.note
}

/**
 * Replaces the newest checkpoint of a log, if it still is the one that the proof led from. This single
 * statement decides between requests that arrive at the same time.
 * @returns whether the new checkpoint was stored
 */
export async function replaceCosigned(db: D1Database, before: Cosigned, next: NewCheckpoint): Promise<boolean> {
  const values = [next.size, toBase64(next.root), next.note, next.time]
  const statement = before.isStored
    ? db
        .prepare(
          `UPDATE checkpoints SET size = ?, root = ?, note = ?, cosigned_at = ?
           WHERE origin = ? AND size = ? AND root = ? RETURNING size`,
        )
        .bind(...values, next.origin, before.size, toBase64(before.root))
    : db
        .prepare(
          `INSERT INTO checkpoints (size, root, note, cosigned_at, origin, origin_hash)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING size`,
        )
        .bind(...values, next.origin, originHash(next.origin))
  return (await statement.first()) !== null
}
