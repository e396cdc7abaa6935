const main = document.querySelector('main')

/** The state in which the page opens. */
export const firstView = (hasToken: boolean): string =>
  (hasToken ? main?.dataset.withToken : main?.dataset.withoutToken) ?? ''

/** Shows one state of the page and hides the others. */
export function showView(name: string): void {
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) view.hidden = view.dataset.view !== name
  const heading = headingOf(name)
  if (heading !== null) document.title = `${heading.textContent} · ${main?.dataset.product}`
}

/** Moves the focus to a state, because the element that had the focus may be hidden now. */
export function moveToView(name: string): void {
  showView(name)
  headingOf(name)?.focus()
}

const headingOf = (name: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-view="${CSS.escape(name)}"] h1`)
