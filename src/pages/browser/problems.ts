import type { FieldMessage } from './outcome.ts'

/** The page's own text for a problem, if it has one. */
export function messageOf(name: string): string | undefined {
  const templates = document.querySelectorAll<HTMLTemplateElement>('template[data-message]')
  return [...templates].find(({ dataset }) => dataset.message === name)?.content.textContent ?? undefined
}

/** Explains why a form was rejected. The text `failed` is for every problem without a text of its own. */
export function sayProblem(form: HTMLFormElement, name: string, retryAfterSeconds = 60): void {
  const text = messageOf(name) ?? messageOf('failed') ?? ''
  const problem = form.querySelector<HTMLElement>('[data-form-problem]')
  if (problem) problem.textContent = text.replace('{time}', inTime(retryAfterSeconds))
}

/** `in 40 seconds`, `in 5 Minuten`. */
function inTime(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang)
  return seconds < 100 ? format.format(Math.ceil(seconds), 'second') : format.format(Math.ceil(seconds / 60), 'minute')
}

/** Shows the problem beside each invalid field and moves the focus to the first of them. */
export function sayFieldProblems(form: HTMLFormElement, problems: readonly FieldMessage[]): void {
  const refused = problems.filter((problem) => sayFieldProblem(form, problem))
  if (refused.length < problems.length) sayProblem(form, 'failed')
  form.querySelector<HTMLInputElement>('[aria-invalid]')?.focus()
}

/** @returns whether the form has this field */
function sayFieldProblem(form: HTMLFormElement, { field, detail }: FieldMessage): boolean {
  const input = form.elements.namedItem(field)
  const place = form.querySelector<HTMLElement>(`[data-problem-of="${CSS.escape(field)}"]`)
  if (!(input instanceof HTMLInputElement) || place === null) return false
  input.setAttribute('aria-invalid', 'true')
  const known = messageOf(detail) ?? messageOf(`${field}_refused`)
  place.replaceChildren(...(known === undefined ? [messageOf('refused') ?? '', inEnglish(detail)] : [known]))
  return true
}

function inEnglish(detail: string): HTMLElement {
  const span = document.createElement('span')
  span.lang = 'en'
  span.textContent = ` ${detail}.`
  return span
}

/** Checks what needs no request to the service. @param names of the fields that are sent */
export function findFieldProblems(form: HTMLFormElement, names: readonly string[]): FieldMessage[] {
  return [...form.elements].flatMap((input) => {
    if (!(input instanceof HTMLInputElement) || !names.includes(input.name)) return []
    const { name: field, value } = input
    if (value === '') return [{ field, detail: 'missing' }]
    const length = [...value.normalize('NFC')].length
    return length < Number(input.dataset.minLength ?? 0) ? [{ field, detail: 'password_too_short' }] : []
  })
}

/** Removes all messages from a form. */
export function clearProblems(form: HTMLFormElement): void {
  for (const place of form.querySelectorAll('[data-problem-of], [data-form-problem]')) place.replaceChildren()
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
}
