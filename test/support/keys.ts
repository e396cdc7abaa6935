import { deriveKeyRing, type KeyRing } from '../../src/crypto/key-ring.ts'

/** 32 bytes that differ between seeds. They are not random, which only the configuration would reject. */
export const secretOf = (seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 32 }, (_, i) => (seed * 89 + i * i * 7 + 3) & 0xff)

/** A key ring of these root key versions, newest first. A version has the same secret in every ring. */
export const ringOf = (...versions: number[]): Promise<KeyRing> =>
  deriveKeyRing(versions.map((version) => ({ version, secret: secretOf(version) })))

/** The text with the character at `index` replaced by `replacement`. */
export const replaceAt = (text: string, index: number, replacement: string): string =>
  text.slice(0, index) + replacement + text.slice(index + 1)
