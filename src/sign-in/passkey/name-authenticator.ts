export const nameAuthenticator = (_aaguid: string): Promise<string | null> => Promise.resolve(null)
