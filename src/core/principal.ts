import type { SessionId, UserId } from './ids.ts'

/** Who a verified access token says the caller is. Says nothing about whether the session still lives. */
export interface Principal {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly roles: readonly string[]
  /** Authentication methods: `pwd` (RFC 8176), or `fed`, a provider's word, for which the RFC has no name. */
  readonly amr: readonly string[]
  /** When the person last proved who they are. */
  readonly authTimeMs: number
}
