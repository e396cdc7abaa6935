/** The idempotency key of a request, in the form in which it is stored. */
export interface IdempotencyKey {
  /** HMAC of the client's key, the route and the caller. */
  readonly key: string
  /** The same HMAC, with the body included. */
  readonly requestHash: string
  /** Identifies this attempt to run the request; each attempt has another one. */
  readonly nonce: string
  /** True once `keepOutcome` was called: the verb stores the outcome in its own batch. */
  isKeptByVerb: boolean
}
