import { beforeAll, describe, expect, it } from 'vitest'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { isMailCode, mailCodeOf } from '../../src/crypto/mail-code.ts'
import { ringOf } from '../support/keys.ts'

const ID = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'

let ring: KeyRing

beforeAll(async () => {
  ring = await ringOf(1)
})

describe('the code of a mail', () => {
  it('has eight digits, differs between ids, and matches its own id only', async () => {
    const ids = Array.from({ length: 200 }, () => crypto.randomUUID())
    const codes = await Promise.all(ids.map((id) => mailCodeOf(ring, id)))
    for (const code of codes) expect(code).toMatch(/^\d{8}$/)
    expect(new Set(codes).size).toBeGreaterThan(195)
    const matches = await Promise.all(ids.map((id, i) => isMailCode(ring, id, codes[i] ?? '')))
    const others = await Promise.all(ids.map((id, i) => isMailCode(ring, id, codes[(i + 1) % ids.length] ?? '')))
    expect(matches.filter((match) => !match)).toEqual([])
    expect(others.filter((match) => match)).toEqual([])
  })

  it('keeps its leading zeros', async () => {
    const codes = await Promise.all(Array.from({ length: 100 }, (_, i) => mailCodeOf(ring, `${ID}-${i}`)))
    expect(codes.filter((code) => code.startsWith('0')).length).toBeGreaterThan(0)
  })

  it('is the same after a deployment, while the mail with it is on its way', async () => {
    expect(await mailCodeOf(ring, ID)).toBe('78949193')
  })

  it('cannot be computed without the root key', async () => {
    expect(await isMailCode(await ringOf(2), ID, await mailCodeOf(ring, ID))).toBe(false)
  })

  it('is right after a rotation, unless the key before is distrusted', async () => {
    const code = await mailCodeOf(ring, ID)
    const rotated = await ringOf(2, 1)
    expect(await mailCodeOf(rotated, ID)).not.toBe(code)
    expect(await isMailCode(rotated, ID, code)).toBe(true)
    expect(await isMailCode({ trusted: rotated.trusted.filter(({ version }) => version === 2) }, ID, code)).toBe(false)
  })

  it.each(['', '1234567', '123456789', ' 12345678', '１２３４５６７８'])('is not %j', async (code) => {
    expect(await isMailCode(ring, ID, code)).toBe(false)
  })
})
