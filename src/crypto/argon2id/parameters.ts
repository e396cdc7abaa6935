/**
 * The cost parameters of an Argon2id hash (memory in KiB, passes and lanes), and the length of its tag in
 * bytes.
 */
export interface Argon2idCost {
  readonly memoryKib: number
  readonly iterations: number
  readonly parallelism: number
  readonly tagLength: number
}

/**
 * The three variants of Argon2 (RFC 9106 section 3.1). New hashes use only `id`. Imported hashes may use the
 * others.
 */
export type Argon2Variant = 'd' | 'i' | 'id'

/** The input of Argon2id (RFC 9106 section 3.1): P, S, K and X as bytes, then m, t, p and T. */
export interface Argon2idInput extends Argon2idCost {
  /** By default `id`. */
  readonly variant?: Argon2Variant
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly secret?: Uint8Array
  readonly associatedData?: Uint8Array
}

/** Maximum memory of a hash in KiB: half of the 128 MB that all requests of an isolate share. */
export const MAX_MEMORY_KIB = 65_536

const MAX_32_BIT = 2 ** 32 - 1
const MAX_LANES = 2 ** 24 - 1
// The minimum of the reference implementation. RFC 9106 recommends 16 and sets no minimum.
const MIN_SALT_BYTES = 8

/**
 * Checks the bounds of RFC 9106 section 3.1, and refuses a salt below 8 bytes and memory above
 * `maxMemoryKib`.
 * @throws RangeError with the name of the parameter and its limits
 */
export function checkArgon2idInput(input: Argon2idInput, maxMemoryKib: number): void {
  checkInteger('parallelism', input.parallelism, 1, MAX_LANES)
  checkInteger('iterations', input.iterations, 1, MAX_32_BIT)
  checkInteger('memoryKib', input.memoryKib, 8 * input.parallelism, maxMemoryKib)
  checkInteger('tagLength', input.tagLength, 4, MAX_32_BIT)
  checkInteger('salt length', input.salt.length, MIN_SALT_BYTES, MAX_32_BIT)
  checkInteger('password length', input.password.length, 0, MAX_32_BIT)
  checkInteger('secret length', input.secret?.length ?? 0, 0, MAX_32_BIT)
  checkInteger('associatedData length', input.associatedData?.length ?? 0, 0, MAX_32_BIT)
}

/** Refuses a limit that is too small for one hash or too large for 32-bit offsets. @throws RangeError */
export function checkMaxMemory(maxMemoryKib: number): void {
  checkInteger('maxMemoryKib', maxMemoryKib, 8, 2 ** 21)
}

function checkInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return
  throw new RangeError(`Argon2id: ${name} is ${value}, and must be an integer from ${minimum} to ${maximum}`)
}
