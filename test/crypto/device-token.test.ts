import { describe, expect, test } from 'vitest'
import { mintDeviceToken, readDeviceToken } from '../../src/crypto/device-token.ts'
import { ringOf } from '../support/keys.ts'
import { mutations } from '../support/mutations.ts'

const NOW = 1_790_000_000_000
const DAY_MS = 86_400_000
const ADDRESS = 'ada@example.com'
const at = (now: number, canonicalEmail = ADDRESS) => ({ canonicalEmail, now })

describe('a device token', () => {
  test('holds a nonce and a MAC, and is valid for its own address', async () => {
    const ring = await ringOf(1)
    const token = await mintDeviceToken(ring, ADDRESS, NOW)
    expect(token).toMatch(/^lk_dev_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.[\w-]{43}$/)
    expect(await readDeviceToken(ring, token, at(NOW))).toBe(token.slice(7, 43))
    expect(await mintDeviceToken(ring, ADDRESS, NOW)).not.toBe(token)
  })

  test('is invalid for another address', async () => {
    const ring = await ringOf(1)
    const token = await mintDeviceToken(ring, ADDRESS, NOW)
    for (const other of ['grace@example.com', 'ADA@example.com', ''])
      expect(await readDeviceToken(ring, token, at(NOW, other))).toBeUndefined()
  })

  test('is valid for 180 days', async () => {
    const ring = await ringOf(1)
    const token = await mintDeviceToken(ring, ADDRESS, NOW)
    expect(await readDeviceToken(ring, token, at(NOW + 180 * DAY_MS))).toBeDefined()
    expect(await readDeviceToken(ring, token, at(NOW + 180 * DAY_MS + 1))).toBeUndefined()
  })

  test('is valid under an older root key, but not under one that is distrusted or missing', async () => {
    const token = await mintDeviceToken(await ringOf(1), ADDRESS, NOW)
    const rotated = await ringOf(2, 1)
    expect(await readDeviceToken(rotated, token, at(NOW))).toBeDefined()
    expect(await readDeviceToken(rotated, await mintDeviceToken(rotated, ADDRESS, NOW), at(NOW))).toBeDefined()
    expect(await readDeviceToken(await ringOf(2), token, at(NOW))).toBeUndefined()
    const distrusting = { ...rotated, trusted: rotated.all.slice(0, 1) }
    expect(await readDeviceToken(distrusting, token, at(NOW))).toBeUndefined()
  })

  test('is invalid when it is garbage or when any character is changed', async () => {
    const ring = await ringOf(1)
    const token = await mintDeviceToken(ring, ADDRESS, NOW)
    const others = ['', 'lk_dev_', token.replace('lk_dev_', 'lk_rt_'), `${token}A`, ...mutations(token, 300)]
    for (const other of others) if (other !== token) expect(await readDeviceToken(ring, other, at(NOW))).toBeUndefined()
  })
})
