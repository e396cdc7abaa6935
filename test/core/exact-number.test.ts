import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isExactNumber } from '../../src/core/exact-number.ts'

it.each([
  ...['0', '-0', '0.0', '0e99999', '1', '-1', '1.0', '1.50', '10e-1', '1e2', '1E+2', '0.001', '1e-3', '5e-324'],
  ...['9007199254740991', '-9007199254740991', '90071992547409910e-1', '1.7976931348623157e308', '1e21', '-2.50e+300'],
])('%s is exact', (literal) => {
  expect(isExactNumber(literal)).toBe(true)
})

it.each([
  ...['9007199254740992', '9007199254740993', '-9007199254740993', '9007199254740993.0', '9007199254740993e0'],
  ...['1e16', '1e20', '100000000000000000000000', '1e309', '-1e400', '1e-400', '4e-324', '1e99999999999999999999'],
  ...['0.1234567890123456789', '3.14159265358979323846', '1.00000000000000000001', '123456789.123456789123'],
])('%s is not exact', (literal) => {
  expect(isExactNumber(literal)).toBe(false)
})

it('accepts every double as JSON.stringify writes it, except integers beyond 2^53 - 1', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      const written = JSON.stringify(value)
      expect(isExactNumber(written)).toBe(Number.isSafeInteger(value) || !/^-?\d+$/.test(written))
      if (isExactNumber(written)) expect(Number(written)).toBe(value === 0 ? 0 : value)
    }),
  )
})

it('agrees with BigInt arithmetic', () => {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 24n })
  fc.assert(
    fc.property(digits, fc.nat(30), fc.nat(5), (whole, power, zeros) => {
      const literal = `${whole}${'0'.repeat(zeros)}e-${power + zeros}`
      const value = Number(literal)
      const [, mantissa = '0', fraction = '', exponent = '0'] = /^(\d+)\.?(\d*)e?(.*)$/.exec(String(value)) ?? []
      const scale = BigInt(fraction.length - Number(exponent) + 400)
      const isSame = whole * 10n ** (scale + 400n) === BigInt(mantissa + fraction) * 10n ** (800n + BigInt(power))
      const isUnsafe = /^\d+$/.test(String(value)) && !Number.isSafeInteger(value)
      expect(isExactNumber(literal)).toBe(isSame && !isUnsafe)
    }),
  )
})
