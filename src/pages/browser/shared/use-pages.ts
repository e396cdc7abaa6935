import { useEffect, useState } from 'preact/hooks'

interface Page {
  readonly next_cursor: string | null
}

/** A list of which a screen shows page after page. */
export interface Pages<P> {
  /** In the order of the list. Undefined until the first one is there. */
  readonly pages: readonly P[] | undefined
  /** Whether there are further pages. */
  readonly hasMore: boolean
  /** Loads the next page that has entries. @throws what the request throws */
  readonly more: () => Promise<void>
  /** Why the first page is not there. */
  readonly error: unknown
  /** Begins again with the first page. */
  readonly reload: () => void
}

/**
 * Reads a list from the service, page by page.
 * @param load reads one page
 * @param isEmpty whether a page shows nothing: then the next one is read as well
 */
export function usePages<P extends Page>(
  load: (cursor: string | undefined) => Promise<P>,
  isEmpty: (page: P) => boolean,
): Pages<P> {
  const [pages, show] = useState<readonly P[]>()
  const [error, fail] = useState<unknown>()
  const [round, setRound] = useState(0)

  /** The page at the cursor. If it shows nothing, the pages after it as well, up to one that does. */
  async function read(cursor: string | undefined): Promise<readonly P[]> {
    const page = await load(cursor)
    return isEmpty(page) && page.next_cursor !== null ? [page, ...(await read(page.next_cursor))] : [page]
  }

  useEffect(() => {
    let isCurrent = true
    fail(undefined)
    read(undefined).then(
      (first) => isCurrent && show(first),
      (reason: unknown) => isCurrent && fail(reason),
    )
    return () => {
      isCurrent = false
    }
  }, [round])

  const cursor = pages?.at(-1)?.next_cursor ?? null
  const more = async () => {
    if (pages === undefined || cursor === null) return
    const added = await read(cursor)
    // A list that began again meanwhile does not get pages of the old one.
    show((current) => (current === pages ? [...pages, ...added] : current))
  }
  return { pages, hasMore: cursor !== null, more, error, reload: () => setRound((before) => before + 1) }
}
