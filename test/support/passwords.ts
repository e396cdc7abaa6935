import { createApp } from '../../src/app/app.ts'
import { type Cooperative, runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import type { HashQueue } from '../../src/crypto/hash-queue/hash-queue.ts'
import type { KeyedPasswords } from '../../src/crypto/passwords/keyed-passwords.ts'
import { createPasswordHasher } from '../../src/crypto/passwords/password-hash.ts'
import { queuedPasswords } from '../../src/crypto/passwords/queued-passwords.ts'
import { openContext, type Runtime, runtimeFor } from '../../src/runtime/runtime.ts'
import { newTestUserSalt } from './test-user-salt.ts'
import { argon2id } from './worker-argon2id.ts'

/** The Worker's application with a stand-in for Argon2id. Everything else is real. */
export const appWithPasswords = (
  replace: (real: KeyedPasswords, runtime: Runtime) => KeyedPasswords,
  line?: HashQueue,
) =>
  createApp(async (env, facts, bookmark) => {
    const runtime = await runtimeFor(env)
    const opened = openContext(env, runtime, { facts, actor: { type: 'anonymous' }, bookmark })
    const passwords = queuedPasswords(replace(runtime.passwords, runtime), line ?? runtime.hashQueue)
    return { ...opened, ctx: { ...opened.ctx, passwords } }
  })

const hasher = createPasswordHasher(argon2id)

const noLine: HashQueue = {
  assertCapacity: () => undefined,
  enter: () => ({ waitUntilNear: async () => undefined, run: async (work) => runToEnd(work), leave: () => undefined }),
  noteShortRequest: () => undefined,
}

/** Work in two slices that costs nothing. */
export function* atOnce<Result>(result: Result): Cooperative<Result> {
  yield
  return result
}

/**
 * The Worker's application without the hash queue, for users and bursts in tests about something else. With
 * the queue, a hundred requests at once would wait for a minute on a busy machine. Its hashes have a salt of
 * test users: in `npm test` no Argon2id is computed for them, here or in the Worker (quick-argon2id.ts).
 */
export const appOfTestUsers = appWithPasswords((real, { ring, settings }) => {
  const params = { memoryKib: settings.ARGON2_MEMORY_KIB, iterations: settings.ARGON2_ITERATIONS, parallelism: 1 }
  const pepper = { keyId: String(ring.newest.version), secret: ring.newest.pepper }
  return {
    ...real,
    hash: (password, userId) => hasher.hashPassword(password, { userId, params, pepper, salt: newTestUserSalt() }),
  }
}, noLine)

/**
 * An application that records the stored hash of every comparison, null for the decoy, and the cost that a
 * decoy imitates.
 */
export function watchComparisons() {
  const compared: (string | null)[] = []
  const decoys: (string | undefined)[] = []
  const hashed: string[] = []
  const app = appWithPasswords((real) => ({
    *hash(password, userId) {
      hashed.push(password)
      return yield* real.hash(password, userId)
    },
    adopt: (foreign, userId) => real.adopt(foreign, userId),
    *check(password, stored, decoyCost) {
      compared.push(stored?.passwordHash ?? null)
      decoys.push(decoyCost)
      return yield* real.check(password, stored, decoyCost)
    },
  }))
  return { app, compared, decoys, hashed }
}

/**
 * Stores the password itself in place of its hash, so that a test about counting runs no Argon2id and no hash
 * queue.
 */
export function plainPasswords(line = noLine) {
  const compared: string[] = []
  const plain: KeyedPasswords = {
    hash: (password) => atOnce(`plain|${password}`),
    adopt: () => atOnce('imported:bcrypt-4-23:AAAA$argon2id$'),
    *check(password, stored) {
      if (stored?.passwordHash) compared.push(stored.passwordHash)
      return yield* atOnce({ matches: stored?.passwordHash === `plain|${password}`, needsRehash: false })
    },
  }
  return { app: appWithPasswords(() => plain, line), compared }
}

/**
 * One for all tests that do not look at the comparisons, because an application takes milliseconds to make.
 */
export const plainApp = plainPasswords().app
