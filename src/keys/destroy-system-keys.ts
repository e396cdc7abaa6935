import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import { DAY_MS } from '../core/time.ts'

/**
 * Destroys the keys of months that ended more than `AUDIT_SYSTEM_DAYS` ago, in one page of the vault. After
 * that, the device details of events without a subject (such as sign-ins with an unknown address) cannot be
 * decrypted.
 * @returns the cursor of the next page
 */
export async function destroySystemKeys(
  { vault, settings, now }: Pick<Context, 'vault' | 'settings' | 'now'>,
  cursor: string | undefined,
  forAll: ForAll,
) {
  const page = await vault.list(now, cursor)
  const expired = page.owners.filter((owner) => endOfMonth(owner) < now - settings.AUDIT_SYSTEM_DAYS * DAY_MS)
  const destroyed = await forAll(expired, (owners) => vault.destroy(owners))
  return { cursor: page.cursor, destroyed: destroyed.length }
}

/** When the month of a system key ends, in Unix milliseconds; infinite for a user's key. */
function endOfMonth(owner: KeyOwner): number {
  const [, year, month] = /^system\/(\d{4})-(\d{2})$/.exec(owner) ?? []
  return year === undefined ? Number.POSITIVE_INFINITY : Date.UTC(Number(year), Number(month), 1)
}
