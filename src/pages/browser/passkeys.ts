import type { OpenPage } from './memory.ts'
import type { JsonMembers, TaskOutcome } from './outcome.ts'

/** What the browser does with passkeys. This file knows no browser, so tests give it another one. */
export interface Passkeys {
  /** Asks for a passkey. @param publicKey the options of the service */
  readonly prove: (publicKey: unknown) => Promise<Ceremony>
  /** Makes a passkey. @param publicKey the options of the service */
  readonly create: (publicKey: unknown) => Promise<Ceremony>
  readonly signal: (signal: PasskeySignal) => void
}

/** What the authenticator answered, or what the page shows because it did not. */
export type Ceremony = { readonly credential: JsonMembers } | { readonly outcome: TaskOutcome }

/** What the browser may pass on to the place where passkeys are stored. Not every browser does. */
export type PasskeySignal =
  /** The passkey is deleted there. */
  | { readonly kind: 'unknown'; readonly rpId: string; readonly credentialId: string }
  /** Other passkeys of the same user are hidden there. */
  | { readonly kind: 'accepted'; readonly rpId: string; readonly userId: string; readonly ids: readonly string[] }
  | {
      readonly kind: 'names'
      readonly rpId: string
      readonly userId: string
      readonly name: string
      readonly displayName: string
    }

/** Passes on what the service accepts and how the account is called, as far as the answer says it. */
export function signalOwner({ passkeys }: OpenPage, members: JsonMembers): void {
  const { rp_id: rpId, user_handle: userId, accepted_credential_ids: ids, user_name: name } = members
  if (passkeys === undefined || typeof rpId !== 'string' || typeof userId !== 'string' || !Array.isArray(ids)) return
  passkeys.signal({ kind: 'accepted', rpId, userId, ids: ids.map(String) })
  // The service leaves the names out while it cannot decrypt them.
  if (typeof name !== 'string') return
  passkeys.signal({ kind: 'names', rpId, userId, name, displayName: String(members.user_display_name ?? name) })
}
