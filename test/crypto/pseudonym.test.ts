import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { newNonce, newPseudonymKey, pseudonymOf } from '../../src/crypto/pseudonym.ts'

const key = new Uint8Array(32).fill(7)

it('is the HMAC-SHA-256 of kind and id, cut to 132 bits', () => {
  const whole = createHmac('sha256', Buffer.from(key)).update('user:ada').digest('base64url')
  expect(pseudonymOf(key, 'user', 'ada')).toBe(whole.slice(0, 22))
})

it('differs by key, kind and id', () => {
  const all = [
    pseudonymOf(key, 'user', 'ada'),
    pseudonymOf(key, 'session', 'ada'),
    pseudonymOf(key, 'user', 'bob'),
    pseudonymOf(newPseudonymKey(), 'user', 'ada'),
  ]
  expect(new Set(all).size).toBe(4)
})

it('has a nonce of 128 bits', () => {
  expect(newNonce()).toMatch(/^[\w-]{22}$/)
  expect(newNonce()).not.toBe(newNonce())
})
