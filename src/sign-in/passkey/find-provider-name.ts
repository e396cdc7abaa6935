import list from './provider-names.json' with { type: 'json' }

const names = new Map(Object.entries(list.names))

/**
 * The name of the password manager or device that keeps a passkey, for a list of passkeys: "Bitwarden". It
 * proves nothing, because any client can claim any model. Security keys have no name, because browsers hide
 * their model.
 * @param aaguid the model of the authenticator, a UUID
 * @returns undefined for a model that the community list does not know
 */
export const findProviderName = (aaguid: string): string | undefined => names.get(aaguid)
