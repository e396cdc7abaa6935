import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { ProvenMethods } from '../core/assurance.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { rfc3339 } from '../core/time.ts'
import { mintOneTimeToken } from '../crypto/one-time-token.ts'
import type { OnSuccess, Spending } from '../sessions/start-session.ts'
import { encryptClient } from '../storage/database/event-details.ts'
import { issueToken } from '../storage/database/one-time-tokens.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { canBeRestored } from '../storage/database/users.ts'
import type { restoreOfferView } from './sign-in-view.ts'

type Dependencies = Recording & Pick<Context, 'ring'>

const TOKEN_MS = 15 * 60_000

/** `users.purge_after` is set for every account that can be restored. */
const deadline = { purge_after: computed.integer(sql`u.purge_after`) } as const

interface Proof {
  readonly key: DataKeyLookup
  /** What the person has proven. The session of the restored account records the same. */
  readonly amr: ProvenMethods
  readonly onSuccess?: OnSuccess
  /** Uses up the proof in the batch that makes the offer, where it may be used once. */
  readonly spend?: Spending | undefined
}

/**
 * Offers to restore a deleted account instead of opening a session. The owner must have authenticated with
 * the right password, at a linked provider or with a passkey, within the grace period.
 * @returns undefined when the grace period is over, the purge has begun, or the credential was voided or used
 * meanwhile
 */
export async function offerRestore(
  ctx: Dependencies,
  account: SignInAccount,
  { key, amr, onSuccess = () => [], spend }: Proof,
): Promise<View<typeof restoreOfferView> | undefined> {
  const { db, now } = ctx
  const tokenId = crypto.randomUUID()
  const pii = await encryptClient(ctx, key, account.id)
  const isRestorable = sql`u.id = ${account.id} AND u.security_epoch = ${account.securityEpoch} AND ${canBeRestored(now)}`
  const spending = spend?.(sql`EXISTS (SELECT 1 FROM users u WHERE ${isRestorable})`)
  const mayRestore = spending === undefined ? isRestorable : sql`${isRestorable} AND ${spending.isSpent}`
  const answers = await db.batch({
    spent: spending?.steps ?? [],
    deadline: withRows(deadline, sql`SELECT ${columnsOf(deadline)} FROM users u WHERE ${mayRestore}`),
    offered: recorded(
      ctx,
      issueToken({ id: tokenId, purpose: 'restore', now, expiresAtMs: now + TOKEN_MS, amr }, mayRestore),
      { action: 'user.restore_offered', outcome: 'success', subjectId: account.id },
      { pii },
    ),
    takenBack: onSuccess(sql`true`),
  })
  const [row] = answers.deadline
  if (row === undefined) return undefined
  const token = await mintOneTimeToken(ctx.ring, 'restore', tokenId)
  return { account_status: 'deleted', restore_token: token, restore_until: rfc3339(row.purge_after) }
}
