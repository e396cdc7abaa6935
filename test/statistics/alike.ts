import { expect } from 'vitest'
import { groupedMedian, rankAuc } from './distribution.ts'

/** The most by which medians may differ (requirement E1). */
const MEDIANS_WITHIN = 1.1
/** The range for the estimate of a rank AUC (requirement E1). */
const AUC = { from: 0.45, to: 0.55 }
/**
 * The range for its whole 95 % interval: two one-sided tests of equivalence at 2.5 % each (Schuirmann 1987).
 * Too few samples fail this test whatever their estimate is, because an unobserved difference is not a
 * refuted one.
 */
const MARGIN = { from: 0.4, to: 0.6 }

/** The clock of workerd counts whole milliseconds. */
const STEP_MS = 1

type Samples = Readonly<Record<string, readonly number[]>>

const pairsOf = (samples: Samples) => {
  const names = Object.keys(samples)
  return names.flatMap((one, at) =>
    names.slice(at + 1).map((other) => ({ one, other, ...rankAuc(samples[one] ?? [], samples[other] ?? []) })),
  )
}

/** Describes the medians and the rank AUCs, one per line. @param samples milliseconds by kind */
export function reportOn(samples: Samples): string[] {
  const digits = (value: number) => value.toFixed(3)
  return [
    ...Object.entries(samples).map(
      ([name, ms]) => `median ${name}: ${groupedMedian(ms, STEP_MS).toFixed(2)} ms of ${ms.length}`,
    ),
    ...pairsOf(samples).map(
      ({ one, other, auc, lower, upper }) =>
        `rank AUC ${one} / ${other}: ${digits(auc)}, 95 % interval ${digits(lower)} to ${digits(upper)}`,
    ),
  ]
}

/** Expects that the kinds cannot be distinguished by their duration. @param samples milliseconds by kind */
export function expectAlike(samples: Samples): void {
  const medians = Object.values(samples).map((ms) => groupedMedian(ms, STEP_MS))
  expect(Math.min(...medians)).toBeGreaterThan(STEP_MS)
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(MEDIANS_WITHIN)
  for (const { one, other, auc, lower, upper } of pairsOf(samples)) {
    const pair = `${one} / ${other}`
    expect(auc, pair).toBeGreaterThan(AUC.from)
    expect(auc, pair).toBeLessThan(AUC.to)
    expect(lower, pair).toBeGreaterThan(MARGIN.from)
    expect(upper, pair).toBeLessThan(MARGIN.to)
  }
}
