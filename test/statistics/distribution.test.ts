import { describe, expect, test } from 'vitest'
import { expectAlike, reportOn } from './alike.ts'
import { groupedMedian, median, rankAuc } from './distribution.ts'

/** Repeats each value as often as it was counted: 1 `counts[0]` times, 2 `counts[1]` times, … */
const rated = (counts: readonly number[]): number[] => counts.flatMap((n, at) => Array<number>(n).fill(at + 1))

/** Draws numbers between 0 and 1, always the same for one seed (mulberry32). */
function sampler(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return (size: number) => Array.from({ length: size }, next)
}

describe('the rank AUC', () => {
  // Hanley and McNeil 1982 (Radiology 143, 29-36): 109 CT images, rated 1 to 5. The Stata manual of `roctab`
  // gives the area and the interval of DeLong for them.
  test('and its interval equal the published values for 109 CT images', () => {
    const { auc, lower, upper } = rankAuc(rated([3, 2, 2, 11, 33]), rated([33, 6, 6, 11, 2]))
    expect(auc).toBeCloseTo(0.8932, 4)
    expect(lower).toBeCloseTo(0.83295, 5)
    expect(upper).toBeCloseTo(0.95339, 5)
  })

  test('equals the definition, computed by hand', () => {
    // Of the six pairs, three are larger and one is a tie.
    expect(rankAuc([2, 4, 5], [3, 4]).auc).toBeCloseTo(3.5 / 6, 12)
    expect(rankAuc([3, 4], [2, 4, 5]).auc).toBeCloseTo(2.5 / 6, 12)
  })

  test('separates disjoint samples, and does not separate equal samples', () => {
    expect(rankAuc([4, 5, 6], [1, 2, 3])).toEqual({ auc: 1, lower: 1, upper: 1 })
    expect(rankAuc([7, 7, 7], [7, 7, 7])).toEqual({ auc: 0.5, lower: 0.5, upper: 0.5 })
  })

  test('has an interval that contains the true value in about 95 of 100 experiments', () => {
    const draw = sampler(83)
    const experiments = Array.from({ length: 400 }, () => rankAuc(draw(60), draw(60)))
    const right = experiments.filter(({ lower, upper }) => lower <= 0.5 && 0.5 <= upper).length
    expect(right / 400).toBeGreaterThan(0.92)
    expect(right / 400).toBeLessThan(0.98)
  })

  test('has an interval that narrows with the square root of the samples', () => {
    const draw = sampler(7)
    const widthOf = (size: number) => {
      const { lower, upper } = rankAuc(draw(size), draw(size))
      return upper - lower
    }
    const ratio = widthOf(100) / widthOf(900)
    expect(ratio).toBeGreaterThan(2.8)
    expect(ratio).toBeLessThan(3.2)
  })
})

test('the median is the middle value, or the mean of the two middle values', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN])
})

// The documentation of `statistics.median_grouped` in Python gives these values.
test.each([
  [[52, 52, 53, 54], 1, 52.5],
  [[1, 2, 2, 3, 4, 4, 4, 4, 4, 5], 1, 3.7],
  [[1, 3, 3, 5, 7], 1, 3.25],
  [[1, 3, 3, 5, 7], 2, 3.5],
])('the grouped median of %j in steps of %i is %d', (samples, step, expected) => {
  expect(groupedMedian(samples, step)).toBeCloseTo(expected, 12)
})

test('the grouped median recovers values between the steps of a clock', () => {
  const draw = sampler(5)
  const exact = draw(500).map((share) => 5 + 2 * share)
  // Two readings of a clock whose step began at a random moment.
  const seen = draw(500).map((start, at) => Math.floor(start + (exact[at] ?? 0)))
  expect(Math.abs(groupedMedian(seen, 1) - median(exact))).toBeLessThan(0.1)
})

describe('the test of equivalence', () => {
  const draw = sampler(11)
  const [one, other] = [draw(500), draw(500)]
  const shifted = (by: number) => other.map((ms) => 10 + ms + by)
  const base = one.map((ms) => 10 + ms)

  test('accepts two samples of one distribution, and rejects one that takes slightly longer', () => {
    expect(() => expectAlike({ base, same: shifted(0) })).not.toThrow()
    // A shift by a tenth of the spread: an AUC of 0.595, which the medians do not show.
    expect(() => expectAlike({ base, later: shifted(0.1) })).toThrow('base / later')
    expect(() => expectAlike({ base, earlier: shifted(-0.1) })).toThrow('base / earlier')
  })

  test('rejects too few samples, whatever their values', () => {
    const few = { base: base.slice(0, 20), same: base.slice(0, 20) }
    expect(reportOn(few)[2]).toMatch(/0\.500, 95 % interval 0\.3\d\d to 0\.6\d\d$/)
    expect(() => expectAlike(few)).toThrow('base / same')
  })

  test('rejects a different median', () => {
    expect(() => expectAlike({ base, slow: base.map((ms) => ms * 1.2) })).toThrow()
  })
})
