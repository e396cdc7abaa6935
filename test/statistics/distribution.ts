export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (lower + upper) / 2
}

/**
 * The median of values that were measured in whole steps. Values in the same step as the middle one are
 * assumed to be spread evenly within it, half a step to either side. Otherwise, two medians would either be
 * equal or differ by a whole step, however close they are.
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

/** The quantile of the standard normal distribution for a two-sided 95 %. */
const Z_95 = 1.959964

/**
 * How well one sample separates two distributions: the chance that a draw from `a` is larger than one from
 * `b`, with ties counted half (the area under the ROC curve). 0.5 means no separation. The variance is that
 * of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988, 837-845), which assumes no distribution. It
 * assumes independent samples. If the samples are interleaved and a slow machine affects both, the interval
 * is wider than necessary, but never narrower.
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

/** The variance of a population, estimated from a sample of it. */
function variance(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}
