import { useState } from 'preact/hooks'
import type { Me, Profile } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Field } from '../../shared/field.tsx'
import { Form } from '../../shared/form.tsx'
import { Initials } from '../../shared/initials.tsx'
import { Notice } from '../../shared/notice.tsx'
import { useNotice } from '../../shared/use-notice.ts'
import { words } from '../../shared/words.ts'
import { ChangedElsewhere } from './changed-elsewhere.tsx'
import { changesOf, type Draft, merge, toDraft, versionOf } from './draft.ts'
import { Preferences } from './preferences.tsx'

interface State {
  /** The profile as the form last saw it, which is the version that a change is for. */
  readonly seen: Me
  readonly draft: Draft
  /** The fields that were changed elsewhere while the person was typing. */
  readonly changed: readonly string[]
}

/**
 * What was typed when the session had ended, for the person who comes back after signing in again. It is in
 * the memory of this document alone.
 */
let unsent: { readonly seen: Me; readonly typed: Draft } | undefined

/** Nobody but the person who typed it gets it back. */
function begin(first: Me): State {
  const kept = unsent?.seen.id === first.id ? unsent : undefined
  unsent = undefined
  if (kept === undefined) return { seen: first, draft: toDraft(first.profile), changed: [] }
  return { seen: first, ...merge(kept.seen.profile, kept.typed, first.profile) }
}

/**
 * Edits the profile. It is sent only if it was not changed elsewhere since. If it was, the form says what
 * changed, and keeps what was typed.
 */
export function ProfileForm({ first }: { readonly first: Me }) {
  const [{ seen, draft, changed }, show] = useState<State>(() => begin(first))
  const [news, say] = useNotice()

  /** @param from the version that the change is for */
  async function save(from: Me, typed: Draft): Promise<void> {
    const body = changesOf(from.profile, typed)
    if (Object.keys(body).length === 0) return say(accountWords.profile.unchanged)
    try {
      const saved = await call('updateMe', { body, headers: { 'if-match': versionOf(from.profile) } })
      show({ seen: saved, draft: toDraft(saved.profile), changed: [] })
      say(accountWords.profile.saved)
    } catch (error) {
      if (isProblem(error, 'invalid_refresh_token')) unsent = { seen: from, typed }
      if (!isProblem(error, 'precondition_failed')) throw error
      const fresh = await call('getMe')
      const merged = merge(from.profile, typed, fresh.profile)
      // What was changed is not in this form, so there is nothing to check.
      if (merged.changed.length === 0) return save(fresh, typed)
      show({ seen: fresh, ...merged })
      say('')
      throw new Refused('profile_changed')
    }
  }

  const { updated_at } = seen.profile
  return (
    <>
      <div class="who">
        <Initials name={seen.profile.full_name ?? seen.email} />
        <p>{accountWords.profile.lead}</p>
      </div>
      <Notice {...news} />
      {changed.length > 0 && <ChangedElsewhere fields={changed} profile={seen.profile} />}
      <Form action={(typed) => save(seen, typed)} submit={words().common.save}>
        {/* The fields of a newer version begin with what `draft` has. */}
        <Texts key={updated_at} draft={draft} />
        <Preferences key={`${updated_at} preferences`} profile={seen.profile} draft={draft} />
      </Form>
    </>
  )
}

function Texts({ draft }: { readonly draft: Draft }) {
  const { fields, phoneHint } = accountWords.profile
  const field = (name: keyof Profile) => ({ name, value: draft[name] ?? '', isOptional: true })
  return (
    <>
      <Field {...field('full_name')} label={fields.full_name} autocomplete="name" />
      <Field
        {...field('phone_number')}
        type="tel"
        inputMode="tel"
        label={fields.phone_number}
        hint={phoneHint}
        autocomplete="tel"
      />
      <Field {...field('bio')} label={fields.bio} autocomplete="off" isLong />
    </>
  )
}
