// What a page tells the browser about passkeys, which passes it on to the place where they are stored. A
// browser without these methods keeps what it has, and a failure changes nothing on the page.

interface Owner {
  readonly rp_id: string | null
  readonly user_handle: string
  readonly accepted_credential_ids: readonly string[]
  /** The service leaves the names out while it cannot decrypt them. */
  readonly user_name?: string | null
  readonly user_display_name?: string | null
}

/** A passkey was removed from the account. Only its holder may call this: it is deleted for ever. */
export const signalRemoved = (rpId: string, credentialId: string): void =>
  pass((browser) => browser.signalUnknownCredential?.({ rpId, credentialId }))

/**
 * Says which passkeys the service accepts, and how the account is called.
 * @param owner the answer of `getFactors`, or `passkey` of a sign-in
 */
export function signalOwner(owner: Owner): void {
  const { rp_id: rpId, user_handle: userId, accepted_credential_ids: ids, user_name: name } = owner
  if (rpId === null) return
  pass((browser) => browser.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds: [...ids] }))
  if (typeof name !== 'string') return
  const displayName = owner.user_display_name ?? name
  pass((browser) => browser.signalCurrentUserDetails?.({ rpId, userId, name, displayName }))
}

function pass(signal: (browser: Partial<typeof PublicKeyCredential>) => Promise<void> | undefined): void {
  if (typeof PublicKeyCredential !== 'undefined') signal(PublicKeyCredential)?.catch(() => undefined)
}
