import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { userHandleOf } from '../../crypto/user-handle.ts'
import { requireLive, type SessionRef, selectAtAnyLevel, standingFor } from '../../storage/database/live-session.ts'
import type { Row } from '../../storage/database/members.ts'
import { isKept } from '../../storage/database/passkeys.ts'
import { decryptProfileField } from '../../storage/database/profile-row.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { passkeys, users } from '../../storage/schema/index.ts'
import { shownPasskey, showPasskey } from '../passkey-view.ts'
import { type FactorsView, showOwnFactors } from './factors-view.ts'

const ofUser = (columns: string, table: string) =>
  sql.raw(`(SELECT ${columns} FROM ${table} t WHERE t.user_id = users.id)`)

const factorMembers = {
  has_password: computed.flag(sql`${ofUser('password_hash', 'credentials')} IS NOT NULL`),
  password_changed_at: computed.integerOrNull(ofUser('changed_at', 'credentials')),
  totp_created_at: computed.integerOrNull(ofUser('created_at', 'totp_factors')),
  codes_left: computed.integer(ofUser('count(*) FILTER (WHERE used_at IS NULL)', 'recovery_codes')),
  codes_created_at: computed.integerOrNull(ofUser('max(created_at)', 'recovery_codes')),
  reset_kinds: computed.textOrNull(ofUser('kinds', 'factor_resets')),
  reset_due_at: computed.integerOrNull(ofUser('due_at', 'factor_resets')),
  email_enc: users.emailEnc,
  full_name_enc: computed.textOrNull(ofUser('full_name_enc', 'user_profiles')),
} as const

const listedPasskey = { ...shownPasskey, credential_id: passkeys.credentialId } as const

/**
 * What the signed-in user can sign in with. One batch, which finds the rows of each table by the user; the
 * data key is read in parallel. While no store answers for the key, names are missing.
 * @throws AppError `invalid_access_token`
 */
export async function getFactors(
  { db, vault, settings, now }: Pick<Context, 'db' | 'vault' | 'settings' | 'now'>,
  ref: SessionRef,
): Promise<FactorsView> {
  const { userId } = ref
  const [{ factors, owned }, lookup] = await Promise.all([
    db.batch({
      factors: selectAtAnyLevel(ref, { ...standingFor(ref, now), ...factorMembers }, now),
      owned: withRows(
        listedPasskey,
        sql`
          SELECT ${columnsOf(listedPasskey)} FROM passkeys
          WHERE passkeys.user_id = ${userId} AND ${isKept} ORDER BY created_at, id`,
      ),
    }),
    vault.find(userId),
  ])
  const row = requireLive(ref, factors[0], now)
  const rpId = rpIdOf(settings)
  return showOwnFactors(row, {
    passkeys: await Promise.all(owned.map((passkey) => showPasskey(passkey, { userId, lookup, rpId }))),
    user_handle: userHandleOf(userId),
    rp_id: rpId === '' ? null : rpId,
    accepted_credential_ids: owned.filter(({ rp_id }) => rp_id === rpId).map(({ credential_id }) => credential_id),
    ...(await nameOwner(row, ref, lookup)),
  })
}

type NameColumns = Pick<Row<typeof factorMembers>, 'email_enc' | 'full_name_enc'>

/** The names of the account that a new passkey gets. */
async function nameOwner({ email_enc, full_name_enc }: NameColumns, { userId }: SessionRef, lookup: DataKeyLookup) {
  if (lookup.kind !== 'found') return { user_name: null, user_display_name: null }
  const email = await decryptEmail(lookup.key, userId, email_enc)
  const fullName = await decryptProfileField(lookup.key, userId, 'full_name', full_name_enc)
  return { user_name: email, user_display_name: fullName ?? email }
}
