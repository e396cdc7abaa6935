import type { TokenEndpointAuthMethod } from './oauth-settings.ts'

/** The values of one authorization request. Each is used for this one sign-in only. */
export interface AuthorizationRequest {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** A person's identity at a provider. */
export interface ProviderIdentity {
  /** At most 255 characters. Unlike an address, it never changes and is never assigned to another person. */
  readonly subject: string
  /** Returns the other details, with a call to the provider if necessary. @throws ProviderError */
  readonly details: () => Promise<ProviderDetails>
}

/** A provider's claims about a person. None of them has been checked here. */
export interface ProviderDetails {
  readonly email: string | undefined
  /** True only if the provider sent exactly `true`. */
  readonly isEmailVerified: boolean
  readonly fullName: string | undefined
  readonly avatarUrl: string | undefined
}

/** Google, GitHub or any OpenID provider, as configured. No token of the provider is stored. */
export interface IdentityProvider {
  /** The address to which the browser is redirected. @throws ProviderError */
  authorizationUrl(request: AuthorizationRequest): Promise<URL>
  /** Reads the identity from the parameters of the callback. @throws ProviderError */
  readIdentity(request: AuthorizationRequest, parameters: URLSearchParams): Promise<ProviderIdentity>
}

/** Keyed by the name of the provider in paths. */
export type IdentityProviders = ReadonlyMap<string, IdentityProvider>

/**
 * Why a provider gave no identity. `denied`: the person declined. `unavailable`: no usable answer arrived in
 * time. `rejected`: the provider refused our request, or its answer failed a check. `email_unverified`: the
 * provider does not confirm the address.
 */
export type ProviderFailure = 'denied' | 'unavailable' | 'rejected' | 'email_unverified'

/** A sign-in failed at the provider. The error holds no text that the provider sent. */
export class ProviderError extends Error {
  readonly failure: ProviderFailure
  /** For operators: an error code of the protocol or of its library, from a closed list. */
  readonly reason: string | undefined
  /**
   * If the provider refused our client credentials: the authentication method to try in the provider's
   * settings.
   */
  readonly otherMethod: TokenEndpointAuthMethod | undefined

  constructor(failure: ProviderFailure, reason?: string, otherMethod?: TokenEndpointAuthMethod) {
    super(`the provider's answer: ${failure}`)
    this.name = 'ProviderError'
    this.failure = failure
    this.reason = reason
    this.otherMethod = otherMethod
  }
}
