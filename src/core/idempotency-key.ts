/** A request that its client may send again under the same `Idempotency-Key`. */
export interface IdempotencyKey {
  /** Keyed fingerprint of the client's key, the route and the caller. */
  readonly key: string
  /** The same with the body. */
  readonly requestHash: string
  /** Of this attempt; a later one has another. */
  readonly nonce: string
  /** Set by `keepOutcome`: the verb's own batch keeps what came of it. */
  isKeptByVerb: boolean
}
