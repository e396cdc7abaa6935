import { useId } from 'preact/hooks'
import type { Profile } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { Field } from '../../shared/field.tsx'
import { type Draft, fieldOf, isSimple, preferencesOf } from './draft.ts'

interface PreferencesProps {
  readonly profile: Profile
  readonly draft: Draft
}

/**
 * The settings that applications keep in the profile. Texts, numbers and switches can be changed here. The
 * rest is shown as it is stored.
 */
export function Preferences({ profile, draft }: PreferencesProps) {
  const all = preferencesOf(profile)
  if (all.length === 0) return undefined
  const fixed = all.filter(([, value]) => !isSimple(value))
  return (
    <fieldset>
      <legend>{accountWords.profile.preferences}</legend>
      <p class="hint">{accountWords.profile.preferencesLead}</p>
      {all.map(([name, value]) => (
        <Preference key={name} name={name} value={value} text={draft[fieldOf(name)] ?? ''} />
      ))}
      {fixed.length > 0 && (
        <>
          <p class="hint">{accountWords.profile.fixed}</p>
          <ul>
            {fixed.map(([name, value]) => (
              <li key={name}>
                <code>
                  {name}: {JSON.stringify(value)}
                </code>
              </li>
            ))}
          </ul>
        </>
      )}
    </fieldset>
  )
}

interface PreferenceProps {
  readonly name: string
  readonly value: unknown
  readonly text: string
}

function Preference({ name, value, text }: PreferenceProps) {
  if (typeof value === 'boolean') return <Switch name={name} isOn={text === 'on'} />
  if (!isSimple(value)) return undefined
  const numeric = typeof value === 'number' ? ({ inputMode: 'numeric' } as const) : {}
  return <Field name={fieldOf(name)} label={name} value={text} autocomplete="off" isOptional {...numeric} />
}

function Switch({ name, isOn }: { readonly name: string; readonly isOn: boolean }) {
  const id = useId()
  return (
    <p class="reveal">
      <input id={id} type="checkbox" name={fieldOf(name)} defaultChecked={isOn} />
      <label for={id}>{name}</label>
    </p>
  )
}
