import type { ComponentChildren } from 'preact'
import { addressOf } from '../../../screens.ts'
import { Screen } from '../../shared/screen.tsx'
import { insert, words } from '../../shared/words.ts'

interface EndProps {
  readonly onEnd: () => void
}

/** The link of a mail or of an operator was used, or is too old. */
export function UselessLink({ onEnd }: EndProps) {
  const { heading, text, action } = words().signIn.uselessLink
  return (
    <Screen heading={heading}>
      <p>{text}</p>
      <Go label={action} onEnd={onEnd} />
    </Screen>
  )
}

/** The person has signed in with a recovery code, which is used up. @property left codes */
export function RecoveryCodeUsed({ left, onEnd }: EndProps & { readonly left: number }) {
  const { heading, text, action, toSecurity } = words().secondStep.usedCode
  return (
    <Screen heading={heading}>
      <p>{insert(text, String(left))}</p>
      <Go label={action} onEnd={onEnd}>
        <a class="button other" href={addressOf('security')}>
          {toSecurity}
        </a>
      </Go>
    </Screen>
  )
}

interface GoProps extends EndProps {
  readonly label: string
  readonly children?: ComponentChildren
}

const Go = ({ label, onEnd, children }: GoProps) => (
  <p class="row">
    <button class="button" type="button" onClick={onEnd}>
      {label}
    </button>
    {children}
  </p>
)
