import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acrOf, assuranceLevels } from '../../src/core/assurance.ts'

const METHODS = ['pwd', 'fed', 'email', 'otp', 'recovery', 'pop', 'mfa'] as const

/** Known methods, and others, which count for nothing. */
const lists = fc.array(fc.oneof(fc.constantFrom(...METHODS), fc.string()), { maxLength: 8 })
const rankOf = (amr: readonly string[]) => assuranceLevels.indexOf(acrOf(amr))

describe('the level of authentication methods', () => {
  it.each([
    [[], 'aal0'],
    [['email'], 'aal0'],
    [['otp'], 'aal0'],
    [['recovery'], 'aal0'],
    [['swk', 'PWD', 'constructor'], 'aal0'],
    [['pwd'], 'aal1'],
    [['fed'], 'aal1'],
    [['pop'], 'aal1'],
    [['pwd', 'fed'], 'aal1'],
    [['email', 'pwd'], 'aal1'],
    [['email', 'fed'], 'aal1'],
    [['pwd', 'otp', 'mfa'], 'aal2'],
    [['fed', 'otp', 'mfa'], 'aal2'],
    [['email', 'otp', 'mfa'], 'aal2'],
    [['pwd', 'recovery', 'mfa'], 'aal2'],
    [['pop', 'mfa'], 'phr'],
    [['pwd', 'pop', 'mfa'], 'phr'],
  ] as const)('M14 of %j is %s', (amr, level) => {
    expect(acrOf(amr)).toBe(level)
  })

  it('M14 exists for every list, whatever its order and however often it names a method', () => {
    const property = fc.property(lists, (amr) => {
      expect(assuranceLevels).toContain(acrOf(amr))
      expect(acrOf([...amr.toReversed(), ...amr])).toBe(acrOf(amr))
    })
    fc.assert(property)
  })

  it('M14 is never lowered by another method', () => {
    const property = fc.property(lists, lists, (amr, more) => {
      expect(rankOf([...amr, ...more])).toBeGreaterThanOrEqual(rankOf(amr))
    })
    fc.assert(property)
  })

  it('M14 is two factors only with `mfa`, which only the service adds', () => {
    const property = fc.property(lists, (amr) => {
      const single = amr.filter((method) => method !== 'mfa')
      expect(['aal0', 'aal1']).toContain(acrOf(single))
    })
    fc.assert(property)
  })
})
