import type { FactRow, Facts } from './outcome.ts'

const known = new Map<string, Facts[string]>()

/** Writes facts into the elements that show them, and hides the elements whose fact has no value. */
export function showFacts(facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) known.set(name, value)
  for (const element of document.querySelectorAll<HTMLElement>('[data-fact]'))
    show(element, factNamed(element.dataset.fact ?? ''))
  for (const list of document.querySelectorAll<HTMLElement>('[data-rows]')) {
    const rows = known.get(list.dataset.rows ?? '')
    showRows(list, Array.isArray(rows) ? rows : [])
  }
}

/** Removes everything that the page shows about an account. */
export const forgetFacts = (): void => showFacts(Object.fromEntries([...known.keys()].map((name) => [name, undefined])))

function show(element: HTMLElement, value: string | undefined): void {
  element.hidden = value === undefined
  fill(element, value ?? '')
}

function fill(element: HTMLElement, value: string): void {
  const { template } = element.dataset
  if (template !== undefined) element.textContent = template.replace('{value}', () => value)
  else if (element instanceof HTMLAnchorElement) element.href = value
  else if (element instanceof HTMLInputElement) element.value = value
  else if (element instanceof HTMLOListElement) element.replaceChildren(...linesOf(value).map(listItem))
  else if (element.localName === 'qr-code') element.setAttribute('text', value)
}

/** A list has a template of its rows. */
function showRows(list: HTMLElement, rows: readonly FactRow[]): void {
  const template = list.querySelector('template')
  if (template === null) return
  list.hidden = rows.length === 0
  list.replaceChildren(template, ...rows.map((row) => rowOf(template, row)))
}

function rowOf(template: HTMLTemplateElement, row: FactRow): Node {
  const copy = document.importNode(template.content, true)
  for (const element of copy.querySelectorAll<HTMLElement>('[data-row-fact]'))
    show(element, row[element.dataset.rowFact ?? ''])
  const title = [...copy.querySelectorAll<HTMLElement>('h3 > :not([hidden])')]
    .map(({ textContent }) => textContent)
    .join('')
  for (const button of copy.querySelectorAll('button')) {
    Object.assign(button.dataset, { row: row.id, rowName: title })
    // The same button is in every row.
    button.ariaLabel = `${button.textContent}: ${title}`
  }
  return copy
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

function listItem(text: string): HTMLElement {
  const item = document.createElement('li')
  item.textContent = text
  return item
}

/** The value of a fact that the page shows. */
export function factNamed(name: string): string | undefined {
  const value = known.get(name)
  return typeof value === 'string' ? value : undefined
}
