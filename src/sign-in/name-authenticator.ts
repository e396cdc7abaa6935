/**
 * The name of the password manager or device that keeps a passkey: "Bitwarden". It proves nothing, because
 * any client can claim any model. Security keys have no name, because browsers hide their model.
 * @param aaguid the model of the authenticator, a UUID
 * @returns null for a model that the community list does not know
 */
export async function nameAuthenticator(aaguid: string): Promise<string | null> {
  // Few requests need a name, so an isolate does not load the list when a person signs in.
  const { default: list } = await import('./provider-names.json', { with: { type: 'json' } })
  return new Map(Object.entries(list.names)).get(aaguid) ?? null
}
