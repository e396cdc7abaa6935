import type { Facts } from './outcome.ts'

const known = new Map<string, string | undefined>()

/** Writes facts into the elements that show them, and hides the elements whose fact has no value. */
export function showFacts(facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) known.set(name, value)
  for (const element of document.querySelectorAll<HTMLElement>('[data-fact]')) {
    const value = known.get(element.dataset.fact ?? '')
    element.hidden = value === undefined
    fill(element, value ?? '')
  }
}

/** Removes everything that the page shows about an account. */
export const forgetFacts = (): void => showFacts(Object.fromEntries([...known.keys()].map((name) => [name, undefined])))

function fill(element: HTMLElement, value: string): void {
  const { template } = element.dataset
  if (template !== undefined) element.textContent = template.replace('{value}', () => value)
  else if (element instanceof HTMLAnchorElement) element.href = value
  else if (element instanceof HTMLOListElement) element.replaceChildren(...linesOf(value).map(listItem))
  else if (element.localName === 'qr-code') element.setAttribute('text', value)
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

function listItem(text: string): HTMLElement {
  const item = document.createElement('li')
  item.textContent = text
  return item
}

/** The value of a fact that the page shows. */
export const factNamed = (name: string): string => known.get(name) ?? ''
