import { describeFailure } from './failure.ts'
import { log } from './log.ts'

/**
 * Processes all items of one page of a job.
 * @param work processes some of the items; it may be called again for an item that it has already processed
 * @returns the items for which it succeeded; the next run of the job repeats the others
 */
export type ForAll = <Item>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<unknown>,
) => Promise<readonly Item[]>

/**
 * Processes all items in one call. A failure ends the page, which is then repeated.
 * @throws what `work` throws
 */
export const together: ForAll = async (items, work) => {
  if (items.length > 0) await work(items)
  return items
}

/**
 * Processes each item in a call of its own. An item that fails is logged and skipped. If several items are
 * given and all fail, the cause is more likely a store that is down than the items.
 * @param isPatient whether to throw the last error if several items are given and all fail, so that the page
 * is repeated
 */
export const oneByOne =
  ({ isPatient }: { readonly isPatient: boolean }): ForAll =>
  async (items, work) => {
    const done: (typeof items)[number][] = []
    let last: unknown
    for (const item of items) {
      try {
        await work([item])
        done.push(item)
      } catch (error) {
        last = error
      }
    }
    const failed = items.length - done.length
    if (failed === 0) return items
    if (done.length === 0 && failed > 1 && isPatient) throw last
    const { name, code } = describeFailure(last)
    log('error', 'job_items_failed', { count: failed, error: name, code })
    return done
  }
