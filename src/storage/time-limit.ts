/** A store did not answer in time. */
export class TimeLimitError extends Error {
  constructor() {
    super('no answer in time')
    this.name = 'TimeLimitError'
  }
}

/** Rejects with TimeLimitError when `work` takes longer; the work itself cannot be stopped. */
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
