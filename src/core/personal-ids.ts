import type { AuditAction } from './audit-event.ts'

/** Whose an id in the detail of an event is: its data key makes the pseudonym. `kept`: no person's. */
export type IdOwner = 'subject' | 'actor' | 'kept'

/** What an id in the detail of an event names. */
export type IdKind = 'session' | 'identity' | 'passkey' | 'consent' | 'export' | 'other'

export interface DetailId {
  readonly owner: IdOwner
  readonly kind: IdKind
}

type DetailOf<Action> = Action extends unknown ? ('detail' extends keyof Action ? Action['detail'] : never) : never

type IdMembers<Value> = Value extends readonly (infer Item)[]
  ? IdMembers<Item>
  : Value extends object
    ? {
        [Name in keyof Value & string]: (Name extends `${string}_id` ? Name : never) | IdMembers<Value[Name]>
      }[keyof Value & string]
    : never

/** Every member of the detail of an event whose name ends in `_id`, at any depth. */
export type DetailIdMember = IdMembers<DetailOf<AuditAction>>

/** The compiler demands an entry for each id in `AuditAction`, and no other. */
const detailIds: Readonly<Record<DetailIdMember, DetailId>> = {
  session_id: { owner: 'subject', kind: 'session' },
  kept_session_id: { owner: 'subject', kind: 'session' },
  continued_session_id: { owner: 'subject', kind: 'session' },
  signed_in_session_id: { owner: 'subject', kind: 'session' },
  operator_session_id: { owner: 'actor', kind: 'session' },
  identity_id: { owner: 'subject', kind: 'identity' },
  passkey_id: { owner: 'subject', kind: 'passkey' },
  consent_id: { owner: 'subject', kind: 'consent' },
  export_id: { owner: 'subject', kind: 'export' },
  import_id: { owner: 'kept', kind: 'other' },
}

/** An id that this version does not know, of an event of another version, could be a person's. */
const UNKNOWN: DetailId = { owner: 'subject', kind: 'other' }

/** @returns undefined for a member that holds no id */
export function detailIdOf(member: string): DetailId | undefined {
  if (!member.endsWith('_id')) return undefined
  return Object.hasOwn(detailIds, member) ? detailIds[member as DetailIdMember] : UNKNOWN
}
