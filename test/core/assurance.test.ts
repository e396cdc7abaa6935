import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  acrOf,
  addProof,
  assuranceLevels,
  isBelow,
  levelOfAccount,
  levelToRenew,
  provenBy,
  recordedMethods,
} from '../../src/core/assurance.ts'

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

describe('a second factor', () => {
  const firsts = ['pwd', 'fed', 'email'] as const
  const seconds = ['otp', 'recovery'] as const
  const pairs = firsts.flatMap((first) => seconds.map((second) => [first, second] as const))

  it.each(pairs)('M2 after %s by %s makes two factors, once and again', (first, second) => {
    const proven = addProof(provenBy(first), second)
    expect(proven).toEqual([first, second, 'mfa'])
    expect(acrOf(proven)).toBe('aal2')
    expect(addProof(proven, second)).toEqual(proven)
  })

  it('M2 adds `mfa` exactly where a first factor is', () => {
    const property = fc.property(lists, fc.constantFrom(...seconds), (amr, second) => {
      const before = amr.filter((method) => method !== 'mfa')
      const proven = addProof(recordedMethods(before), second)
      expect(proven.includes('mfa')).toBe(firsts.some((first) => before.includes(first)))
      expect(new Set(proven)).toEqual(new Set([...before, second, ...(proven.includes('mfa') ? ['mfa'] : [])]))
    })
    fc.assert(property)
  })
})

describe('the level that an account needs', () => {
  const NOW = 1000
  const times = fc.option(fc.integer({ min: 990, max: 1010 }))
  const accounts = fc.record({ twoStepAt: times, twoStepDueAt: times, hasWayIn: fc.boolean() })

  it.each([
    [null, null, false, 'aal0'],
    [null, null, true, 'aal1'],
    [null, 1001, true, 'aal1'],
    [null, 1001, false, 'aal0'],
    [null, 1000, true, 'aal2'],
    [null, 1000, false, 'aal2'],
    [1005, null, true, 'aal2'],
    [0, null, false, 'aal2'],
  ] as const)('M10 two factors since %s, due at %s, a way in %s: %s', (twoStepAt, twoStepDueAt, hasWayIn, level) => {
    expect(levelOfAccount({ twoStepAt, twoStepDueAt, hasWayIn }, NOW)).toBe(level)
  })

  it('M10 never falls as time passes, and two factors always reach it', () => {
    const property = fc.property(accounts, fc.nat(20), (account, later) => {
      const level = levelOfAccount(account, NOW)
      expect(isBelow(levelOfAccount(account, NOW + later), level)).toBe(false)
      expect(isBelow(acrOf(['pwd', 'otp', 'mfa']), level)).toBe(false)
    })
    fc.assert(property)
  })

  it('M10 is, for a step-up, that of one factor or of two', () => {
    const property = fc.property(lists, (amr) => {
      expect(levelToRenew(amr)).toBe(amr.includes('mfa') ? 'aal2' : 'aal1')
    })
    fc.assert(property)
  })
})
