import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskEmail, maskName, maskPhoneNumber } from '../../src/operators/mask.ts'

describe('the mask that operators see without a reason (D1)', () => {
  it.each([
    ['ada@example.com', 'a***@example.com'],
    ['a@example.com', 'a***@example.com'],
    ['x.y+z@sub.example.org', 'x***@sub.example.org'],
  ])('of %s is %s', (email, masked) => {
    expect(maskEmail(email)).toBe(masked)
  })

  it.each([
    ['Ada Lovelace', 'A*** L***'],
    ['  Ada   King, Countess of Lovelace ', 'A*** K*** C*** o*** L***'],
    ['😀ada', '😀***'],
    ['', ''],
  ])('of %s is %s', (name, masked) => {
    expect(maskName(name)).toBe(masked)
  })

  it.each([
    ['+4915112345678', '+49***78'],
    ['+12345678', '+12***78'],
    ['+1234567', '***'],
    ['+12', '***'],
  ])('of %s is %s', (phoneNumber, masked) => {
    expect(maskPhoneNumber(phoneNumber)).toBe(masked)
  })

  it('never reveals the length of a word', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !/\s/.test(word)),
        (word) => {
          expect(maskName(word)).toBe(maskName([...word].slice(0, 1).join('')))
        },
      ),
    )
  })
})
