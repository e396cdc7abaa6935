import { describe, expect, test } from 'vitest'
import { newUserId } from '../../../src/core/ids.ts'
import { argon2id } from '../../../src/crypto/argon2id/index.ts'
import { createHashQueue } from '../../../src/crypto/hash-queue/hash-queue.ts'
import { createDeriveForeign } from '../../../src/crypto/passwords/foreign/derive.ts'
import { keyPasswords } from '../../../src/crypto/passwords/keyed-passwords.ts'
import { createPasswordHasher } from '../../../src/crypto/passwords/password-hash.ts'
import { queuedPasswords } from '../../../src/crypto/passwords/queued-passwords.ts'
import { ringOf } from '../../support/keys.ts'

const ID = newUserId()

/** The passwords of `count` requests, which share a hash queue and the memory of Argon2id. */
async function requests(count: number, capacity = 30) {
  const queue = createHashQueue(capacity)
  const passwords = keyPasswords({
    hasher: createPasswordHasher(argon2id),
    ring: await ringOf(1),
    params: { memoryKib: 64, iterations: 2, parallelism: 1 },
    deriveForeign: createDeriveForeign(argon2id),
  })
  return Array.from({ length: count }, () => queuedPasswords(passwords, queue))
}

describe('hashes of several requests', () => {
  test('are correct although the hashes pause between their slices', async () => {
    const all = await requests(5)
    all[0]?.noteShortRequest()
    const hashes = await Promise.all(all.map((passwords, i) => passwords.hash(`password ${i}`, ID)))
    const checks = all.flatMap((passwords, i) =>
      hashes.map((hash, j) => ({ i, j, pending: passwords.check(`password ${i}`, { id: ID, passwordHash: hash }) })),
    )
    for (const { i, j, pending } of checks) expect((await pending).matches, `${i} against ${j}`).toBe(i === j)
  })

  test('pause at least seven times, and other work runs in each pause', async () => {
    const [passwords] = await requests(1)
    passwords?.noteShortRequest()
    let isDone = false
    const hash = passwords?.hash('password', ID).then(() => {
      isDone = true
    })
    let others = 0
    for (; !isDone; others++) await new Promise((resolve) => setTimeout(resolve, 0))
    await hash
    expect(others).toBeGreaterThanOrEqual(7)
  })
})

describe('a place in the hash queue', () => {
  test('is released after a hash of a request that had not entered the queue', async () => {
    const [behindAnAnswer, other] = await requests(2, 1)
    for (const password of ['one', 'two']) await behindAnAnswer?.hash(password, ID)
    expect(() => other?.assertCapacity()).not.toThrow()
  })

  test('is kept for all hashes of a request that entered, until it leaves', async () => {
    const [passwords, other] = await requests(2, 1)
    passwords?.enterQueue()
    for (const password of ['one', 'two']) await passwords?.hash(password, ID)
    expect(() => other?.assertCapacity()).toThrow('unavailable')
    passwords?.leaveQueue()
    expect(() => other?.assertCapacity()).not.toThrow()
  })
})
