import { createApp } from '../../src/app/app.ts'
import { type Cooperative, runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import type { HashQueue } from '../../src/crypto/hash-queue/hash-queue.ts'
import type { KeyedPasswords } from '../../src/crypto/passwords/keyed-passwords.ts'
import { queuedPasswords } from '../../src/crypto/passwords/queued-passwords.ts'
import { openContext, runtimeFor } from '../../src/runtime/runtime.ts'

/** The Worker's application with a stand-in for Argon2id. Everything else is real. */
export const appWithPasswords = (replace: (real: KeyedPasswords, env: Env) => KeyedPasswords, line?: HashQueue) =>
  createApp(async (env, facts, bookmark) => {
    const runtime = await runtimeFor(env)
    const opened = openContext(env, runtime, { facts, actor: { type: 'anonymous' }, bookmark })
    const passwords = queuedPasswords(replace(runtime.passwords, env), line ?? runtime.hashQueue)
    return { ...opened, ctx: { ...opened.ctx, passwords } }
  })

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

type HashSetting = 'ROOT_KEYS' | 'ARGON2_MEMORY_KIB' | 'ARGON2_ITERATIONS'

/** Argon2id hashes that were computed before, by root keys, cost, user and password. */
const made = new Map<string, string>()

/**
 * The Worker's application with real hashes and without the hash queue: for users and bursts in tests about
 * something else. A password that this application has just hashed is not hashed again to compare it. Later
 * work with it is real. With the queue, a hundred requests at once would wait for a minute on a busy machine.
 */
export const appWithCachedHashes = appWithPasswords((real, env) => {
  const { ROOT_KEYS, ARGON2_MEMORY_KIB, ARGON2_ITERATIONS } = env as Partial<Record<HashSetting, string>>
  const keyOf = (password: string, userId: string) =>
    JSON.stringify([ROOT_KEYS, ARGON2_MEMORY_KIB, ARGON2_ITERATIONS, userId, password])
  return {
    *hash(password, userId) {
      const hash = made.get(keyOf(password, userId)) ?? (yield* real.hash(password, userId))
      made.set(keyOf(password, userId), hash)
      return hash
    },
    adopt: (foreign, userId) => real.adopt(foreign, userId),
    *check(password, stored, decoyCost) {
      if (stored?.passwordHash && stored.passwordHash === made.get(keyOf(password, stored.id)))
        return yield* atOnce({ matches: true, needsRehash: false })
      return yield* real.check(password, stored, decoyCost)
    },
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
