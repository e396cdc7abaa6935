const START = '#token='
const KEY = 'latchkey-link'

/**
 * The token of the mailed link that opened this document, or empty. It is removed from the address at once,
 * so that it is not in the history, in bookmarks or in shared links.
 */
export const linkToken: string = take()

function take(): string {
  const kept = sessionStorage.getItem(KEY) ?? ''
  sessionStorage.removeItem(KEY)
  const { hash, pathname, search } = location
  if (!hash.startsWith(START)) return kept
  history.replaceState(null, '', pathname + search)
  return hash.slice(START.length)
}

/** Keeps the token while this tab signs in at a provider, whose page replaces this document. */
export function keepLinkToken(): void {
  if (linkToken !== '') sessionStorage.setItem(KEY, linkToken)
}

// Another link was opened while this document was: only the fragment changed.
addEventListener('hashchange', () => {
  if (location.hash.startsWith(START)) location.reload()
})
