/**
 * Work that occupies the processor, divided into slices. The caller may let other work run after each slice.
 * Nothing runs before the first `next()`.
 */
export type Cooperative<Result> = Generator<undefined, Result, undefined>

/** Runs all slices without a pause. */
export function runToEnd<Result>(work: Cooperative<Result>): Result {
  for (;;) {
    const slice = work.next()
    if (slice.done) return slice.value
  }
}
