const main = document.querySelector('main')

/**
 * The state in which the page opens.
 * @param token of the link; empty if there was none
 * @param hasRequest whether this browser asked for a mail that signs in
 */
export function firstView(token: string, hasRequest: boolean): string {
  const { withToken, withoutToken, withRequest, withoutRequest } = main?.dataset ?? {}
  const ofMail = hasRequest ? withRequest : withoutRequest
  if (token.startsWith('lk_signin_') && ofMail !== undefined) return ofMail
  return (token === '' ? withoutToken : withToken) ?? ''
}

/** Shows one state of the page and hides the others. A state may have an address of its own. */
export function showView(name: string): void {
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) view.hidden = view.dataset.view !== name
  const path = viewNamed(name)?.dataset.path
  if (path !== undefined && path !== location.pathname) history.pushState(null, '', path)
  const heading = headingOf(name)
  if (heading !== null) document.title = `${heading.textContent} · ${main?.dataset.product}`
}

/** Moves the focus to a state, because the element that had the focus may be hidden now. */
export function moveToView(name: string): void {
  showView(name)
  headingOf(name)?.focus()
}

/** The name of the state that contains an element. */
export const viewOf = (element: Element): string => element.closest<HTMLElement>('[data-view]')?.dataset.view ?? ''

const viewNamed = (name: string) => document.querySelector<HTMLElement>(`[data-view="${CSS.escape(name)}"]`)

const headingOf = (name: string) => viewNamed(name)?.querySelector<HTMLElement>('h1') ?? null
