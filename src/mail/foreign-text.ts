/**
 * Text on one line, without line breaks, control characters, or invisible characters that change the reading
 * direction (O8).
 */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()

const MAX_FOREIGN_CODE_POINTS = 80

/**
 * Reduces a text that an attacker may have written, such as a device name, to words, digits and harmless
 * punctuation. Mail programs turn everything that looks like an address into a link, so such text is removed
 * (O8).
 */
export function foreignText(text: string): string {
  const words = text
    .replace(/[^\p{L}\p{M}\p{N} ,.()'’_+&-]+/gu, ' ')
    .replace(/\.(?=[\p{L}\p{M}])/gu, '. ')
    .replace(/\s+/g, ' ')
    .trim()
  return [...words].slice(0, MAX_FOREIGN_CODE_POINTS).join('').trim()
}
