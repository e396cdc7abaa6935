export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (lower + upper) / 2
}

/**
 * The median of what was measured in whole steps: those that share the middle one's step are taken to lie
 * evenly within it, half a step to either side. Otherwise two medians are equal or a whole step apart,
 * however near they are.
 */
export function groupedMedian(samples: readonly number[], step: number): number {
  const middle = [...samples].sort((a, b) => a - b)[samples.length >> 1] ?? Number.NaN
  const below = samples.filter((sample) => sample < middle).length
  const within = samples.filter((sample) => sample === middle).length
  return middle - step / 2 + (step * (samples.length / 2 - below)) / within
}

/** An area under a ROC curve, and the bounds of its 95 % confidence interval. */
export interface RankAuc {
  readonly auc: number
  readonly lower: number
  readonly upper: number
}

/** Of the standard normal distribution: the two-sided 95 %. */
const Z_95 = 1.959964

/**
 * How well one sample tells two distributions apart: the chance that a draw from `a` is larger than one from
 * `b`, ties counting half (the area under the ROC curve). 0.5 tells nothing. The variance is that of DeLong,
 * DeLong and Clarke-Pearson (Biometrics 44, 1988, 837-845), which assumes no distribution. It takes the
 * samples for independent; where they are interleaved and the machine slows both, the interval is wider than
 * it need be, and never narrower.
 */
export function rankAuc(a: readonly number[], b: readonly number[]): RankAuc {
  const above = a.map((x) => mean(b.map((y) => order(x, y))))
  const below = b.map((y) => mean(a.map((x) => order(x, y))))
  const auc = mean(above)
  const margin = Z_95 * Math.sqrt(variance(above) / a.length + variance(below) / b.length)
  return { auc, lower: auc - margin, upper: auc + margin }
}

const order = (x: number, y: number): number => (x > y ? 1 : x === y ? 0.5 : 0)

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of a population, from a sample of it. */
function variance(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}
