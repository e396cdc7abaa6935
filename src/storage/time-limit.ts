/** A call to a store took longer than its time limit. */
export class TimeLimitError extends Error {
  constructor() {
    super('no answer in time')
    this.name = 'TimeLimitError'
  }
}

/**
 * Rejects with TimeLimitError if `work` takes longer than `limitMs`. The work itself goes on: it cannot be
 * cancelled.
 */
export async function withTimeLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError()), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
