import { Buffer } from 'node:buffer'
import argon2 from '../../src/crypto/argon2id/argon2.wasm'
import blake2b from '../../src/crypto/argon2id/blake2b.wasm'
import simd from '../../src/crypto/argon2id/simd.wasm'
import { createHashes } from './hashes.ts'

const hash = createHashes({ argon2, blake2b, simd })

/** Answers `/hash-wasm` and `/simd` with the tag that this kernel computes. */
export default {
  fetch(request: Request): Response {
    const kernel = new URL(request.url).pathname === '/simd' ? 'simd' : 'hash-wasm'
    return new Response(Buffer.from(hash(kernel)).toString('hex'))
  },
}
