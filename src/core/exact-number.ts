const WHOLE = /^-?\d+$/
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i

/**
 * Whether a number in JSON is what a double holds and writes again: its digits survive, and it is no integer
 * beyond 2^53 - 1, which readers with doubles and readers with integers take for different numbers (RFC 7493
 * section 2.2).
 * @param literal a number of valid JSON, as it is written
 */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal)
  const written = String(value)
  if ((WHOLE.test(literal) || WHOLE.test(written)) && !Number.isSafeInteger(value)) return false
  return written === literal || decimalOf(written) === decimalOf(literal)
}

/** One spelling for each magnitude: significant digits and exponent. The sign of zero does not count. */
function decimalOf(literal: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(literal) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  let end = digits.length
  while (digits[end - 1] === '0') end--
  const power = Number(exponent) - fraction.length + digits.length - end
  return end === 0 ? '0' : `${digits.slice(0, end)}e${power}`
}
