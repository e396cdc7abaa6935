/** What is typed in a form. @param wanted the names of the fields; undefined: all */
export function readValues(
  { elements }: HTMLFormElement,
  wanted?: readonly string[],
): Readonly<Record<string, string>> {
  const inputs = [...elements].filter((element) => element instanceof HTMLInputElement)
  const values = inputs
    .filter(({ name }) => name !== '' && wanted?.includes(name) !== false)
    // Applications and mails show codes in groups.
    .map(({ name, value, dataset }) => [name, dataset.isCode === undefined ? value : value.replace(/\s/g, '')])
  return Object.fromEntries(values)
}

/** Shows a password as text, or hides it again. */
export function onReveal({ currentTarget: box }: Event): void {
  if (!(box instanceof HTMLInputElement)) return
  const input = document.getElementById(box.dataset.reveals ?? '')
  if (input instanceof HTMLInputElement) input.type = box.checked ? 'text' : 'password'
}

/** An emptied form hides its next password. */
export function onReset({ currentTarget: form }: Event): void {
  if (!(form instanceof HTMLFormElement)) return
  for (const { dataset } of form.querySelectorAll<HTMLElement>('[data-reveals]')) {
    const input = document.getElementById(dataset.reveals ?? '')
    if (input instanceof HTMLInputElement) input.type = 'password'
  }
}
