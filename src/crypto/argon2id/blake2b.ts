import { exportedFunction, exportedMemory } from './wasm-exports.ts'

// Size of the module's exchange buffer. Input is written to its start, and digests are read from there.
const BUFFER_BYTES = 16 * 1024
const DIGEST_BYTES = 64

/** BLAKE2b on one WebAssembly instance. Its memory holds parts of the input until `wipe`. */
export interface Blake2b {
  readonly memory: WebAssembly.Memory
  /** Writes the 64-byte BLAKE2b digest of the concatenated parts, of any length, to the start of `out`. */
  hash(parts: readonly Uint8Array[], out: Uint8Array): void
  /**
   * Fills `out`, of any length, with Argon2's variable-length hash H' of at most 16,380 bytes (RFC 9106
   * section 3.3).
   */
  expand(input: Uint8Array, out: Uint8Array): void
  /** Restores the whole memory to its state before the first input. */
  wipe(): void
}

/** Instantiates hash-wasm's `blake2b` module, once per isolate. Its memory never grows. */
export function instantiateBlake2b(module: WebAssembly.Module): Blake2b {
  const instance = new WebAssembly.Instance(module)
  const memory = exportedMemory(instance)
  const init = exportedFunction(instance, 'Hash_Init')
  const update = exportedFunction(instance, 'Hash_Update')
  const finish = exportedFunction(instance, 'Hash_Final')
  const digestInPlace = exportedFunction(instance, 'Hash_Calculate')
  const bufferOffset = exportedFunction(instance, 'Hash_GetBuffer')()
  const whole = new Uint8Array(memory.buffer)
  const buffer = new Uint8Array(memory.buffer, bufferOffset, BUFFER_BYTES)
  // A copy of the whole memory, because input remains not only in the buffer and the state but also in the
  // message words that compression spills to the stack.
  const pristine = whole.slice()

  function absorb(part: Uint8Array): void {
    for (let read = 0; read < part.length; read += BUFFER_BYTES) {
      const chunk = part.subarray(read, read + BUFFER_BYTES)
      buffer.set(chunk)
      update(chunk.length)
    }
  }

  return {
    memory,
    hash(parts, out) {
      init(DIGEST_BYTES * 8)
      for (const part of parts) absorb(part)
      finish()
      out.set(buffer.subarray(0, DIGEST_BYTES))
    },
    expand(input, out) {
      buffer.set(littleEndian32(out.length))
      buffer.set(input, 4)
      let inputLength = 4 + input.length
      let written = 0
      // Each digest is written where the next one reads its input, so the chain needs no copies.
      for (; out.length - written > DIGEST_BYTES; written += DIGEST_BYTES / 2) {
        digestInPlace(inputLength, DIGEST_BYTES * 8)
        out.set(buffer.subarray(0, DIGEST_BYTES / 2), written)
        inputLength = DIGEST_BYTES
      }
      const lastLength = out.length - written
      digestInPlace(inputLength, lastLength * 8)
      out.set(buffer.subarray(0, lastLength), written)
    },
    wipe() {
      whole.set(pristine)
    },
  }
}

/** LE32 of RFC 9106 section 3.1: a number below 2^32 as four bytes, least significant first. */
export function littleEndian32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
