import type { Profile } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { fieldOf, textFields, toDraft } from './draft.ts'

/** What another device or application has changed in the meantime. */
export function ChangedElsewhere({
  fields,
  profile,
}: {
  readonly fields: readonly string[]
  readonly profile: Profile
}) {
  const { heading, text, isNow, isEmpty } = accountWords.profile.changed
  const now = toDraft(profile)
  return (
    <div class="warning">
      <h2>{heading}</h2>
      <p>{text}</p>
      <ul>
        {fields.map((field) => {
          const value = now[field] ?? ''
          return <li key={field}>{value === '' ? isEmpty(labelOf(field)) : isNow(labelOf(field), value)}</li>
        })}
      </ul>
    </div>
  )
}

/** What the form calls a field. Preferences have the names that applications gave them. */
function labelOf(field: string): string {
  const known = textFields.find((name) => name === field)
  return known === undefined ? field.slice(fieldOf('').length) : accountWords.profile.fields[known]
}
