/**
 * Connections that a Worker may have open at once. Further calls would wait for a free one while their time
 * limits already run.
 */
const CONNECTIONS = 6

/** Calls another service for every item, six items at a time. @returns the result of each call, in order */
export async function inChunks<Item, Result>(
  items: readonly Item[],
  call: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += CONNECTIONS) {
    results.push(...(await Promise.all(items.slice(from, from + CONNECTIONS).map(call))))
  }
  return results
}
