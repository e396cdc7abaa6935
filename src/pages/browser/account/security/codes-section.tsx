import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { dateOf, insert } from '../../shared/words.ts'
import { AddButton } from './add-button.tsx'
import { Section } from './section.tsx'
import { hasSecondFactor, type SectionProps, showCodes } from './states.ts'

/** How many recovery codes are left, and new ones. */
export function CodesSection({ factors, go }: SectionProps) {
  const { recovery_codes: codes } = factors
  const { heading, left, made, unset, how, makeFirst, make, makeHeading, makeText } = accountWords.security.codes
  const renew = async () => showCodes(go, await call('makeRecoveryCodes'), '')
  const ask = () =>
    go.open({ name: 'confirm', of: { heading: makeHeading, text: makeText, action: make, make: renew } })
  const canMake = hasSecondFactor(factors)
  return (
    <Section id="codes" heading={heading}>
      {codes === null ? (
        <p>{unset}</p>
      ) : (
        <p>
          <span>{insert(left, String(codes.left))}</span> {insert(made, dateOf(codes.created_at))}
        </p>
      )}
      {!canMake && <p>{how}</p>}
      {canMake &&
        (codes === null ? (
          <AddButton label={makeFirst} action={renew} email={factors.user_name} />
        ) : (
          <button class="button other" type="button" onClick={ask}>
            {make}
          </button>
        ))}
    </Section>
  )
}
