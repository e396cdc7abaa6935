import { useState } from 'preact/hooks'
import { accountWords } from './account-words.ts'
import { download } from './download.ts'

/** New recovery codes, with what a person may do with them. They are shown once. */
export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const { saveText, copy, copied, notCopied, download: downloadLabel, print } = accountWords.security.codes
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
          {downloadLabel}
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
  download(file, [fileHeading, '', ...codes, ''].join('\r\n'))
}
