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

/** Passwords of so many requests, which share a line, and the memory that is one for all. */
async function requests(count: number, capacity = 30) {
  const line = createHashQueue(capacity)
  const passwords = keyPasswords({
    hasher: createPasswordHasher(argon2id),
    ring: await ringOf(1),
    params: { memoryKib: 64, iterations: 2, parallelism: 1 },
    deriveForeign: createDeriveForeign(argon2id),
  })
  return Array.from({ length: count }, () => queuedPasswords(passwords, line))
}

describe('hashes of several requests', () => {
  test('are each those of their password, although they pause between their slices', async () => {
    const all = await requests(5)
    all[0]?.noteShortRequest()
    const hashes = await Promise.all(all.map((passwords, i) => passwords.hash(`password ${i}`, ID)))
    const checks = all.flatMap((passwords, i) =>
      hashes.map((hash, j) => ({ i, j, pending: passwords.check(`password ${i}`, { id: ID, passwordHash: hash }) })),
    )
    for (const { i, j, pending } of checks) expect((await pending).matches, `${i} against ${j}`).toBe(i === j)
  })

  test('let others in at least seven times, as often as they pause', async () => {
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

describe('a place in the line', () => {
  test('is given back after a hash that took it for itself', async () => {
    const [behindAnAnswer, other] = await requests(2, 1)
    for (const password of ['one', 'two']) await behindAnAnswer?.hash(password, ID)
    expect(() => other?.assertCapacity()).not.toThrow()
  })

  test('that was entered is kept for all hashes until it is left', async () => {
    const [passwords, other] = await requests(2, 1)
    passwords?.enterQueue()
    for (const password of ['one', 'two']) await passwords?.hash(password, ID)
    expect(() => other?.assertCapacity()).toThrow('unavailable')
    passwords?.leaveQueue()
    expect(() => other?.assertCapacity()).not.toThrow()
  })
})
