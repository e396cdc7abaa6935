import type { ProvenLevel } from './assurance.ts'
import type { SessionId, UserId } from './ids.ts'

/** The caller according to a verified access token. The session may have ended since the token was issued. */
export interface Principal {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly roles: readonly string[]
  /** Authentication methods. `acrOf` gives their level. */
  readonly amr: readonly string[]
  /** When the person last authenticated. */
  readonly authTimeMs: number
  /** The level of `amr`, on a route that requires a step-up. See `SessionRef`. */
  readonly proven?: ProvenLevel
}
