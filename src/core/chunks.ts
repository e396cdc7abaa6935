/** What a Worker may have open at once; more would wait in line, and their time limits with them. */
const CONNECTIONS = 6

/** Calls other services for every item, few enough at once. @returns what each call answered, in order */
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
