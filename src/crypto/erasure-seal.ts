import { createHmac, timingSafeEqual } from 'node:crypto'
import type { UserId } from '../core/ids.ts'
import { fromBase64url, toBase64url } from './encoding.ts'
import { deriveBytes, type KeyRing } from './key-ring.ts'

/** A request to erase a person. Times are Unix milliseconds. */
export interface ErasureRequest {
  readonly user_id: UserId
  readonly requested_at: number
  readonly due_at: number
  readonly basis: 'user_request' | 'operator_request' | 'database_restored'
}

/** A legal hold. */
export interface LegalHold {
  readonly user_id: UserId
  readonly reason: string
  /** Unix milliseconds. */
  readonly placed_at: number
}

/** A key in the vault that has no user. */
export interface OrphanKey {
  readonly owner: UserId
  /** Unix milliseconds. */
  readonly noticed_at: number
}

/** The text that a seal covers: every member that decides whether and when data is destroyed. */
export const requestText = ({ user_id, requested_at, due_at, basis }: ErasureRequest): string =>
  JSON.stringify(['latchkey-erasure/1', user_id, requested_at, due_at, basis])

export const holdText = ({ user_id, reason, placed_at }: LegalHold): string =>
  JSON.stringify(['latchkey-hold/1', user_id, reason, placed_at])

export const orphanText = ({ owner, noticed_at }: OrphanKey): string =>
  JSON.stringify(['latchkey-orphan/1', owner, noticed_at])

/**
 * `broken`: no seal, a wrong one, or one under a distrusted root key. `unknown`: the key ring has no root key
 * of that version, so a retry with the right one may succeed.
 */
export type SealState = 'holds' | 'broken' | 'unknown'

/**
 * Seals the rows of the database that make this service destroy data. An attacker who can write the database,
 * but has no root key, cannot make such a row.
 */
export interface ErasureSeals {
  /** @returns `<root key version>.<HMAC-SHA-256, base64url>` */
  seal(text: string): string
  check(text: string, seal: string | null): SealState
  /** Whether the newest root key made this seal. */
  isNewest(seal: string): boolean
}

/** Derives the keys of the seals, one for each root key. */
export async function openErasureSeals({ newest, all, trusted }: KeyRing): Promise<ErasureSeals> {
  const keys = new Map(
    await Promise.all(
      all.map(async ({ version, root }) => [version, await deriveBytes(root, 'erasure-seal', 32)] as const),
    ),
  )
  const mac = (version: number, text: string): Uint8Array | undefined => {
    const key = keys.get(version)
    return key && createHmac('sha256', key).update(`${version}.${text}`).digest()
  }
  return {
    seal(text) {
      const made = mac(newest.version, text)
      if (made === undefined) throw new RangeError('the newest root key has no seal key')
      return `${newest.version}.${toBase64url(made)}`
    },
    check(text, seal) {
      const [, digits, encoded] = SEAL.exec(seal ?? '') ?? []
      const found = encoded === undefined ? undefined : fromBase64url(encoded)
      if (found === undefined) return 'broken'
      const version = Number(digits)
      const made = mac(version, text)
      if (made === undefined) return 'unknown'
      const isTrusted = trusted.some((one) => one.version === version)
      return isTrusted && timingSafeEqual(made, found) ? 'holds' : 'broken'
    },
    isNewest: (seal) => seal.startsWith(`${newest.version}.`),
  }
}

/** 43 characters are 32 bytes. */
const SEAL = /^([1-9]\d{0,8})\.([\w-]{43})$/
