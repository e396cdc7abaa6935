const WHOLE = /^-?\d+$/
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i

/**
 * Whether a double holds a number of JSON exactly: parsing and writing it keeps its digits, and it is not an
 * integer beyond 2^53 - 1. Beyond that, readers with doubles and readers with integers get different numbers
 * (RFC 7493 section 2.2).
 * @param literal a number as it is written in valid JSON
 */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal)
  const written = String(value)
  if ((WHOLE.test(literal) || WHOLE.test(written)) && !Number.isSafeInteger(value)) return false
  return written === literal || decimalOf(written) === decimalOf(literal)
}

/** Writes each magnitude in one way: significant digits and exponent. The sign of zero is ignored. */
function decimalOf(literal: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(literal) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  let end = digits.length
  while (digits[end - 1] === '0') end--
  const power = Number(exponent) - fraction.length + digits.length - end
  return end === 0 ? '0' : `${digits.slice(0, end)}e${power}`
}
