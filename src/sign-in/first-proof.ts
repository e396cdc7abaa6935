import { type SQL, sql } from 'drizzle-orm'
import type { AuditEvent } from '../core/audit-event.ts'
import { tokenPurposes } from '../core/token-text.ts'
import { forgetSignIns } from '../rate-limits/sign-in-limit.ts'
import { keptIfProven } from '../storage/database/account-level.ts'
import { endSessions, type SessionEnding } from '../storage/database/end-sessions.ts'
import { voidTokens } from '../storage/database/one-time-tokens.ts'
import { wipeProfile } from '../storage/database/profile-row.ts'
import { plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import { voidIdentities, voidPassword, voidSecondFactors } from './ways-to-sign-in.ts'

// The owner of a mailbox proves the address of an account for the first time. Until then, another person may
// have registered the account (Better Auth GHSA-qq9h-g4jm-xgf3). Every verb that can be such a proof takes
// what follows from it from this file, and `voided-on-first-proof.test.ts` tries each of them. The link
// that verifies an address is no such verb: it was mailed because of the registration itself.

/** The event for an account whose credentials become void. */
export const credentialsVoided = {
  action: 'user.credentials_voided',
  outcome: 'success',
  detail: { reason: 'mailbox_proven' },
} as const satisfies AuditEvent

/**
 * What becomes void, as steps of the batch that proves the address. They come before the statement that
 * writes `addressProven`. A verb that always removes more than this of one kind, whether or not the address
 * was proven before, replaces the step of that name.
 * @param unproven SQL for the user whose address is not proven yet, or null for nobody
 * @param keptIdentity the id of an identity that the owner has just proven
 */
export const voidOnFirstProof = (ctx: SessionEnding, unproven: SQL, keptIdentity = '') => ({
  sessions: endSessions(ctx, 'mailbox_proven', sql`user_id = ${unproven}`),
  identities: voidIdentities(unproven, keptIdentity),
  password: voidPassword(unproven, ctx.now),
  factors: voidSecondFactors(unproven),
  profile: wipeProfile({ userIds: unproven, now: ctx.now }),
  links: voidTokens(unproven, tokenPurposes),
})

/** The values of `users` once the address is proven, whether or not it was before. */
export const addressProven = {
  is_verified: true,
  two_step_at: keptIfProven,
  security_epoch: plusOne(users.securityEpoch),
  ...forgetSignIns,
} as const
