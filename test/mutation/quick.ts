import { createHmac } from 'node:crypto'
import type { Argon2id } from '../../src/crypto/argon2id/driver.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import type { HashQueue } from '../../src/crypto/hash-queue/hash-queue.ts'

// Fast replacements for what takes most of the time of a test that signs in. Other tests cover the originals.

/** Replaces Argon2id. The tag has at most 64 bytes. */
export const argon2id: Argon2id = function* ({ password, salt, secret = new Uint8Array(), tagLength }) {
  yield
  return new Uint8Array(createHmac('sha512', secret).update(salt).update(password).digest().subarray(0, tagLength))
}

/** A queue in which each request runs in the next task, without waiting for other requests. */
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
