import { accountWords } from '../../shared/account-words.ts'
import { RecoveryCodes } from '../../shared/recovery-codes.tsx'
import type { Go } from './states.ts'

/** New recovery codes, which are shown once. */
export const SaveCodes = ({ codes, go }: { readonly codes: readonly string[]; readonly go: Go }) => (
  <>
    <RecoveryCodes codes={codes} />
    <button class="button" type="button" onClick={() => go.done()}>
      {accountWords.security.codes.saved}
    </button>
  </>
)
