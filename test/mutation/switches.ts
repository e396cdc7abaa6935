import { apply, type Mutant, type Range } from './mutants.ts'

/** The expression in the source that tells whether the mutant with a number is on. */
const isOn = (mutant: number): string => `globalThis.isMutantOn(${mutant})`

/**
 * The source with every mutant in it, of which at most one is on at a time. One process can then try them
 * all.
 * @param mutants by their number. None may be static, because a module is evaluated once
 */
export function withSwitches(source: string, mutants: ReadonlyMap<number, Mutant>): string {
  const places = Map.groupBy(mutants, ([, { within }]) => `${within.start}-${within.end}`)
  const ordered = [...places.values()]
    .map((choices) => ({ choices, within: choices[0]?.[1].within ?? { start: 0, end: 0 } }))
    .sort((a, b) => a.within.start - b.within.start || b.within.end - a.within.end)
  return textOf(source, { start: 0, end: source.length }, ordered)
}

interface Place {
  readonly within: Range
  readonly choices: readonly (readonly [number, Mutant])[]
}

/** @param places inside the range, outer ones before inner ones */
function textOf(source: string, range: Range, places: readonly Place[]): string {
  let text = ''
  let at = range.start
  for (const place of places) {
    const { within } = place
    if (within.start < at) continue
    const inner = places.filter((other) => other !== place && contains(within, other.within))
    text += source.slice(at, within.start) + switched(source, place, textOf(source, within, inner))
    at = within.end
  }
  return text + source.slice(at, range.end)
}

const contains = (outer: Range, inner: Range): boolean => inner.start >= outer.start && inner.end <= outer.end

function switched(source: string, { within, choices }: Place, original: string): string {
  const [first] = choices
  // The only mutant of a statement removes it.
  if (first?.[1].isStatement) return `{ if (!${isOn(first[0])}) { ${original} } }`
  const mutated = choices.map(([number, mutant]) => `${isOn(number)} ? (${apply(source, mutant, within)}) : `)
  return `(${mutated.join('')}(${original}))`
}
