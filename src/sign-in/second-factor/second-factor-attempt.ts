import type { SQL } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import type { RateLimit } from '../../rate-limits/rate-limit.ts'
import type { Spending } from '../../sessions/start-session.ts'
import type { Statement } from '../../storage/database/statement.ts'

/** A second factor that a person has typed. */
export interface FactorAttempt<Read, Judged> {
  readonly userId: UserId
  readonly code: string
  /** Counts the request, in the batch that reads the factor. */
  readonly rateLimit: RateLimit
  /** SQL condition: the ticket or the session of the request is live. Otherwise no attempt is counted. */
  readonly isLive: SQL
  /** What the caller reads in the same batch. It shows whether `isLive` held. */
  readonly reading: Statement<Read>
  /** Judges what was read, before a code is compared. It must throw if `isLive` did not hold. */
  readonly judge: (rows: readonly Read[]) => Judged | Promise<Judged>
}

/** A second factor that is right, and not used up yet. */
export interface RightFactor<Judged> {
  /** What `judge` returned. */
  readonly judged: Judged
  readonly pendingKey: Promise<DataKeyLookup>
  /**
   * The steps that use the factor up, for the batch of the action that needed it. Their `isSpent` must guard
   * that action: of several requests with one code, it holds in one.
   */
  readonly spend: Spending
  /** For a recovery code: how many are left. Known once the batch has used one up. */
  readonly codesLeft?: () => number | undefined
  /** For a passkey or a security key. */
  readonly passkeyId?: string
}
