const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n'

/** Pseudo-random numbers (mulberry32), so that a mutation that was accepted can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/**
 * At least `count` texts that differ from `text`: a character replaced, dropped, doubled, two swapped, a part
 * cut.
 */
export function mutations(text: string, count: number, seed = count): string[] {
  const random = randomFrom(seed)
  const everyLastCharacter = [...ALPHABET].map((character) => text.slice(0, -1) + character)
  const mutants = new Set<string>(everyLastCharacter)
  while (mutants.size <= count) {
    const at = random(text.length)
    const other = random(text.length)
    const [before, character, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)]
    const kinds = [
      before + ALPHABET.charAt(random(ALPHABET.length)) + after,
      before + ALPHABET.charAt(random(ALPHABET.length)) + character + after,
      before + after,
      before + text.charAt(other) + after,
      text.slice(0, Math.min(at, other)) + text.slice(Math.max(at, other)),
    ]
    mutants.add(kinds[random(kinds.length)] ?? '')
  }
  mutants.delete(text)
  return [...mutants]
}
