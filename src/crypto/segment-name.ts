import { createHmac } from 'node:crypto'

const DIGITS = 16

/**
 * The part of a segment's name that only the service can compute: 16 hexadecimal digits of an HMAC-SHA-256.
 * @param key 32 bytes, from `LogVault`
 */
export const segmentDigits = (key: Uint8Array, sequence: number): string =>
  createHmac('sha256', key).update(`segment:${sequence}`).digest('hex').slice(0, DIGITS)
