import type { TokenEndpointAuthMethod } from './oauth-settings.ts'

/** What the provider is asked for: everything in it is for this one sign-in. */
export interface AuthorizationRequest {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** Who somebody is at a provider. */
export interface ProviderIdentity {
  /** Never changes and is never given to somebody else, unlike the address; at most 255 characters. */
  readonly subject: string
  /** Asks for the rest, if need be of the provider. @throws ProviderError */
  readonly details: () => Promise<ProviderDetails>
}

/** What a provider says about a person. Nothing of it has been checked here. */
export interface ProviderDetails {
  readonly email: string | undefined
  /** True only if the provider says exactly `true`. */
  readonly isEmailVerified: boolean
  readonly fullName: string | undefined
  readonly avatarUrl: string | undefined
}

/** Google, GitHub or any OpenID provider, as configured. Keeps no token of anybody. */
export interface IdentityProvider {
  /** Where to send the browser. @throws ProviderError */
  authorizationUrl(request: AuthorizationRequest): Promise<URL>
  /** Who came back, from the parameters of the callback. @throws ProviderError */
  readIdentity(request: AuthorizationRequest, parameters: URLSearchParams): Promise<ProviderIdentity>
}

/** By the name that the provider has in paths. */
export type IdentityProviders = ReadonlyMap<string, IdentityProvider>

/**
 * Why a provider did not tell who somebody is: `denied`, the person said no; `unavailable`, no usable answer
 * in time; `rejected`, its answer or ours was not acceptable; `email_unverified`, it does not vouch for an
 * address.
 */
export type ProviderFailure = 'denied' | 'unavailable' | 'rejected' | 'email_unverified'

/** A sign-in failed at the provider. Carries nothing that the provider sent. */
export class ProviderError extends Error {
  readonly failure: ProviderFailure
  /** For whoever runs the service: a word of the protocol's or of its library's, from a closed list. */
  readonly reason: string | undefined
  /** What else the entry of the provider may say, where its client was refused. */
  readonly otherMethod: TokenEndpointAuthMethod | undefined

  constructor(failure: ProviderFailure, reason?: string, otherMethod?: TokenEndpointAuthMethod) {
    super(`the provider's answer: ${failure}`)
    this.name = 'ProviderError'
    this.failure = failure
    this.reason = reason
    this.otherMethod = otherMethod
  }
}
