/** The quantile of the values for this share. NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** The middle value, or the mean of both middle values. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [below, above] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2
}

/**
 * The interval that contains the median of the population in 95 of 100 samples: two values of the sample, by
 * the binomial distribution of how many are below the median. It assumes nothing about the population (David
 * and Nagaraja, Order Statistics, section 7.1). With fewer than six values, the least and the greatest.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b)
  const { length } = sorted
  // The chance that exactly `rank` values are below the median, and that fewer are.
  let chance = 0.5 ** length
  let fewer = 0
  let rank = 0
  while (fewer + chance <= 0.025) {
    fewer += chance
    rank++
    chance *= (length - rank + 1) / rank
  }
  const at = Math.max(0, rank - 1)
  return [sorted[at] ?? Number.NaN, sorted[length - 1 - at] ?? Number.NaN]
}

/** The sum of a measure over the items. */
export function sum<Item>(items: readonly Item[], measure: (item: Item) => number): number {
  return items.reduce((total, item) => total + measure(item), 0)
}
