import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashRecoveryCode, newRecoveryCodes } from '../../src/crypto/recovery-code.ts'

const USER = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'
const CODE = 'A1B2-C3D4-E5F6-G7H8-J9K0-MNPQ'

describe('recovery codes', () => {
  it('are ten of 120 random bits, in groups of four characters (M9)', () => {
    const sets = Array.from({ length: 50 }, newRecoveryCodes)
    const codes = sets.flat()
    expect(sets.every((set) => set.length === 10)).toBe(true)
    expect(new Set(codes).size).toBe(500)
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    // In 500 codes each of the 24 places has nearly all of the 32 characters; it misses three by a chance of
    // less than 10^-15.
    const places = codes.map((code) => code.replaceAll('-', ''))
    for (let place = 0; place < 24; place += 1) {
      expect(new Set(places.map((text) => text[place])).size).toBeGreaterThan(29)
    }
  })

  it('are stored as SHA-256 over the person and the code (M9)', async () => {
    const text = `latchkey/recovery/v1|${USER}|${CODE.replaceAll('-', '')}`
    expect(await hashRecoveryCode(USER, CODE)).toBe(createHash('sha256').update(text).digest('base64url'))
  })

  it('fit no other person', async () => {
    expect(await hashRecoveryCode(USER.replace('4', '5'), CODE)).not.toBe(await hashRecoveryCode(USER, CODE))
  })

  it('are read in any case, with any dashes and spaces, and with letters for digits (M9)', async () => {
    const expected = await hashRecoveryCode(USER, CODE)
    const typed = fc.array(fc.constantFrom('', '-', ' '), { minLength: 25, maxLength: 25 }).chain((gaps) =>
      fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }).map((isLower) =>
        [...CODE.replaceAll('-', '')]
          .map((character, place) => {
            const spelled = { 0: 'O', 1: place % 2 === 0 ? 'I' : 'l' }[character] ?? character
            return `${gaps[place]}${isLower[place] ? spelled.toLowerCase() : spelled}`
          })
          .join('')
          .concat(gaps[24] ?? ''),
      ),
    )
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        expect(await hashRecoveryCode(USER, text)).toBe(expected)
      }),
    )
  })

  it.each(['', CODE.slice(1), `${CODE}0`, CODE.replace('A', 'U'), CODE.replace('A', 'Ä'), CODE.replace('-', '_')])(
    'are no other text: %s',
    async (text) => {
      expect(await hashRecoveryCode(USER, text)).toBeUndefined()
    },
  )
})
