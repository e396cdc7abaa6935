import type { SealedErasing } from '../../context.ts'
import { openErasureSeals, requestText } from '../../crypto/erasure-seal.ts'
import type { ErasureClaim } from './claim-erasure.ts'
import { isHoldInForce } from './hold-in-force.ts'
import { readRestoredAt } from './restored-statements.ts'

/**
 * - `genuine`: this service made the request, it is due, and nothing cancelled or prevents it.
 * - `forged`: this service did not make this row, or the account is not deleted.
 * - `cancelled`: the account was restored after the request, so the row was put back.
 * - `early`: a genuine request that is not due.
 * - `held`: a legal hold is in force, although its row is gone.
 * - `unknown`: the seal needs a root key that this isolate does not have.
 */
type ClaimVerdict = 'genuine' | 'forged' | 'cancelled' | 'early' | 'held' | 'unknown'

/**
 * Judges a claimed row of `erasures`. It trusts the seal and signed statements of the vault, and no other
 * column: an attacker who can write the database can insert a row, copy one from a backup, or change when its
 * turn is.
 * @throws TimeLimitError
 */
export async function judgeClaim(ctx: SealedErasing, claim: ErasureClaim): Promise<ClaimVerdict> {
  const seals = await openErasureSeals(ctx.ring)
  const seal = seals.check(requestText(claim), claim.seal)
  if (seal !== 'holds') return seal === 'unknown' ? 'unknown' : 'forged'
  if (claim.due_at > ctx.now) return 'early'
  // A person whom a restored database brought back may have any status. The seal shows that a signed marker
  // was the reason.
  if (claim.basis !== 'database_restored' && claim.status !== 'deleted') return 'forged'
  const restoredAt = await readRestoredAt(ctx, claim.user_id)
  if (claim.requested_at <= restoredAt) return 'cancelled'
  return (await isHoldInForce(ctx, claim.user_id)) ? 'held' : 'genuine'
}
