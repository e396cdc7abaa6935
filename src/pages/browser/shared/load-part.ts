import { Refused } from './explain.ts'
import { keepLinkToken } from './link-token.ts'

/** The service answers, but a part of this document cannot be loaded: another version was deployed. */
export class PartGone extends Refused {
  constructor() {
    super('part_gone')
  }
}

/**
 * Loads a part of the pages that is in a file of its own.
 * @throws PartGone, or the error of the browser if the service does not answer
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw (await isAnswering()) ? new PartGone() : error
  }
}

const isAnswering = (): Promise<boolean> =>
  fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )

/** Opens the same screen in a document of the version that is deployed now. */
export function openAnew(): void {
  keepLinkToken()
  location.reload()
}

/** Whether this document was opened anew already. Doing that again by itself could go on for ever. */
export const isOpenedAnew = (): boolean =>
  performance.getEntriesByType('navigation').some((entry) => 'type' in entry && entry.type === 'reload')
