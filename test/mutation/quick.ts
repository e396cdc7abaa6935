import { createHmac } from 'node:crypto'
import type { Argon2id } from '../../src/crypto/argon2id/driver.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import type { HashQueue } from '../../src/crypto/hash-queue/hash-queue.ts'

// Replaces the slowest part of a test that signs in, which has tests of its own.

/** Replaces Argon2id. The tag has at most 64 bytes. */
export const argon2id: Argon2id = function* ({ password, salt, secret = new Uint8Array(), tagLength }) {
  yield
  return new Uint8Array(createHmac('sha512', secret).update(salt).update(password).digest().subarray(0, tagLength))
}

/** A hash queue in which every request has its turn next, but not at once. */
export const createHashQueue = (): HashQueue => ({
  assertCapacity: () => undefined,
  enter: () => ({
    run: async (work) => {
      await new Promise((resolve) => setTimeout(resolve))
      return runToEnd(work)
    },
    waitUntilNear: async () => undefined,
    leave: () => undefined,
  }),
  noteShortRequest: () => undefined,
})
