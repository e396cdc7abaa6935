/**
 * Work that holds the processor, in slices: whoever runs it may let others in wherever it yields. Nothing of
 * it happens before the first `next()`.
 */
export type Cooperative<Result> = Generator<undefined, Result, undefined>

/** Does all of it at once. */
export function runToEnd<Result>(work: Cooperative<Result>): Result {
  for (;;) {
    const slice = work.next()
    if (slice.done) return slice.value
  }
}
