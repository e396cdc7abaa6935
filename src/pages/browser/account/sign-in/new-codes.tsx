import { accountWords } from '../../shared/account-words.ts'
import { RecoveryCodes } from '../../shared/recovery-codes.tsx'
import { Screen } from '../../shared/screen.tsx'

interface NewCodesProps {
  readonly codes: readonly string[]
  readonly onEnd: () => void
}

/** The recovery codes of an account that has just got its first second factor. */
export function NewCodes({ codes, onEnd }: NewCodesProps) {
  const { saveHeading, saved } = accountWords.security.codes
  return (
    <Screen heading={saveHeading}>
      <RecoveryCodes codes={codes} />
      <p class="row">
        <button class="button" type="button" onClick={onEnd}>
          {saved}
        </button>
      </p>
    </Screen>
  )
}
