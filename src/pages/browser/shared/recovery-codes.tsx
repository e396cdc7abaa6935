import { useState } from 'preact/hooks'
import { accountWords } from './account-words.ts'

/** New recovery codes, with what a person may do with them. They are shown once. */
export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const { saveText, copy, copied, notCopied, download, print } = accountWords.security.codes
  const [said, say] = useState('')
  const copyAll = () =>
    navigator.clipboard.writeText(codes.join('\n')).then(
      () => say(copied),
      () => say(notCopied),
    )
  return (
    <>
      {saveText.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <p class="row">
        <button class="button other" type="button" onClick={() => void copyAll()}>
          {copy}
        </button>
        <button class="button other" type="button" onClick={() => save(codes)}>
          {download}
        </button>
        <button class="button other" type="button" onClick={() => window.print()}>
          {print}
        </button>
      </p>
      <p class="notice" role="status">
        {said}
      </p>
    </>
  )
}

/** Saves the codes as a text file, with the product's name. Lines end as on every system. */
function save(codes: readonly string[]): void {
  const { file, fileHeading } = accountWords.security.codes
  const link = document.createElement('a')
  link.href = URL.createObjectURL(
    new Blob([[fileHeading, '', ...codes, ''].join('\r\n')], { type: 'text/plain;charset=utf-8' }),
  )
  link.download = file
  link.click()
  URL.revokeObjectURL(link.href)
}
