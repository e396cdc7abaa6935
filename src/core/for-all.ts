import { describeFailure } from './failure.ts'
import { log } from './log.ts'

/**
 * Works on all items of a page of a job.
 * @param work gets some of them, and may be repeated for one that it has done
 * @returns those for which it succeeded; the others are for the job's next run
 */
export type ForAll = <Item>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<unknown>,
) => Promise<readonly Item[]>

/** All in one call: a failure ends the page, which is then taken again. @throws what `work` throws */
export const together: ForAll = async (items, work) => {
  if (items.length > 0) await work(items)
  return items
}

/**
 * Each in a call of its own: one that fails is logged and passed over. When all of several fail, a store is
 * down rather than the items bad.
 * @param isPatient then throws the last failure, so that the page is taken again
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
