import type { Profile } from '../../../../client/api.ts'
import { Refused } from '../../shared/explain.ts'

/** The texts of a profile that its owner edits, in the order of the form. */
export const textFields = ['full_name', 'phone_number', 'bio'] as const

/** What the fields of the form have, by their names. */
export type Draft = Readonly<Record<string, string>>

const PREFIX = 'preference:'

/** The name of the field of a preference. */
export const fieldOf = (preference: string): string => PREFIX + preference

type Simple = string | number | boolean

/** Whether a form can show a preference as one field. */
export const isSimple = (value: unknown): value is Simple => ['string', 'number', 'boolean'].includes(typeof value)

export const preferencesOf = ({ preferences }: Profile): [name: string, value: unknown][] =>
  Object.entries(preferences ?? {})

export function toDraft(profile: Profile): Draft {
  const texts = textFields.map((name) => [name, profile[name] ?? ''] as const)
  const preferences = preferencesOf(profile).flatMap(([name, value]) =>
    isSimple(value) ? [[fieldOf(name), toText(value)] as const] : [],
  )
  return Object.fromEntries([...texts, ...preferences])
}

const toText = (value: Simple): string => (typeof value === 'boolean' ? (value ? 'on' : '') : String(value))

interface Changes {
  full_name?: string | null
  phone_number?: string | null
  bio?: string | null
  preferences?: Readonly<Record<string, unknown>>
}

/**
 * What has to be sent: the fields that differ from the profile as the form last saw it.
 * @throws Refused for a preference that was a number and is none any more
 */
export function changesOf(profile: Profile, typed: Draft): Changes {
  const seen = toDraft(profile)
  const isChanged = (name: string) => typed[name] !== undefined && typed[name] !== seen[name]
  const changes: Changes = {}
  for (const name of textFields) if (isChanged(name)) changes[name] = cleaned(name, typed[name] ?? '')
  const all = preferencesOf(profile)
  if (!all.some(([name]) => isChanged(fieldOf(name)))) return changes
  const preferences = all.map(([name, value]) => [name, parse(fieldOf(name), value, typed[fieldOf(name)])])
  return { ...changes, preferences: Object.fromEntries(preferences) }
}

/** People write telephone numbers with spaces and brackets. */
function cleaned(name: string, text: string): string | null {
  const clean = name === 'phone_number' ? text.replace(/[\s()./-]/g, '') : text.trim()
  return clean === '' ? null : clean
}

/** A preference keeps its type. */
function parse(field: string, before: unknown, text: string | undefined): unknown {
  if (text === undefined || !isSimple(before)) return before
  if (typeof before === 'boolean') return text === 'on'
  if (typeof before === 'string') return text
  const number = Number(text.trim())
  if (text.trim() === '' || !Number.isFinite(number)) throw new Refused('number_refused', field)
  return number
}

/** What was changed elsewhere, by field, and what the form shows then: what was typed goes first. */
export function merge(seen: Profile, typed: Draft, fresh: Profile): { draft: Draft; changed: readonly string[] } {
  const [before, now] = [toDraft(seen), toDraft(fresh)]
  const changed = Object.keys(now).filter((name) => now[name] !== before[name])
  const draft = Object.entries(now).map(([name, value]) => {
    const own = typed[name]
    return [name, own === undefined || own === before[name] ? value : own] as const
  })
  return { draft: Object.fromEntries(draft), changed }
}

/** The version for `If-Match`. The service makes its `ETag` of the time of the last change. */
export const versionOf = ({ updated_at }: Profile): string => `"${Date.parse(updated_at)}"`
