/** A store did not answer in time. */
export class TimeLimitError extends Error {
  constructor() {
    super('no answer in time')
    this.name = 'TimeLimitError'
  }
}

/**
 * Rejects with TimeLimitError when `work` takes longer; the work itself cannot be stopped. A burst of password hashes
 * can hold the event loop for longer than the limit: the second, empty wait lets an answer in that came meanwhile.
 */
export async function withTimeLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      timer = setTimeout(() => reject(new TimeLimitError()), 0)
    }, limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
