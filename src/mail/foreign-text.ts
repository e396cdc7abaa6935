/** Text on one line: no line break, no control, nothing invisible that turns the reading direction (O8). */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()

const MAX_FOREIGN_CODE_POINTS = 80

/**
 * What is left of a text that a stranger may have written, such as a device's name: words, figures and
 * harmless signs. Mail programs make links of anything that looks like an address, so nothing that does is
 * left (O8).
 */
export function foreignText(text: string): string {
  const words = text
    .replace(/[^\p{L}\p{M}\p{N} ,.()'’_+&-]+/gu, ' ')
    .replace(/\.(?=[\p{L}\p{M}])/gu, '. ')
    .replace(/\s+/g, ' ')
    .trim()
  return [...words].slice(0, MAX_FOREIGN_CODE_POINTS).join('').trim()
}
