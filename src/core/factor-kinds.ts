/** The kinds of second factors, which an operator can remove from an account. */
export const factorKinds = ['totp', 'passkeys', 'recovery_codes'] as const
export type FactorKind = (typeof factorKinds)[number]
