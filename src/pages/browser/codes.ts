import { factNamed } from './facts.ts'
import { messageOf } from './problems.ts'

/** Copies the recovery codes, and says so. */
export async function copyCodes(button: HTMLElement): Promise<void> {
  const said = button.closest('[data-view]')?.querySelector('[data-notice]')
  const name = await navigator.clipboard.writeText(factNamed('codes') ?? '').then(
    () => 'copied',
    () => 'not_copied',
  )
  if (said) said.textContent = messageOf(name) ?? ''
}

/** Saves the recovery codes as a text file, with the product's name. */
export function downloadCodes(button: HTMLElement): void {
  const { fileName = '', fileHeading = '' } = button.dataset
  const text = `${fileHeading}\r\n\r\n${(factNamed('codes') ?? '').replaceAll('\n', '\r\n')}\r\n`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  link.download = fileName
  link.click()
  URL.revokeObjectURL(link.href)
}
