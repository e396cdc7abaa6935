import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import { AppError } from '../core/errors.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import type { Row } from '../storage/database/members.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { decryptProfile, profileColumns } from '../storage/database/profile-row.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import type { Statement } from '../storage/database/statement.ts'
import { openTotpSecret } from '../storage/database/totp-secret.ts'
import { decryptEmail, isTombstone } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import { accountMembers, showAccount } from './account-view.ts'
import type { ExportedUser, ExportedUsers } from './exported-user-view.ts'
import { type Operating, type OperatorRequest, operatorSession } from './operation.ts'
import { toPage } from './page.ts'
import { cursorAfter, type UserCursor } from './user-query.ts'

export interface UserExport extends OperatorRequest {
  readonly cursor?: UserCursor | undefined
  readonly limit: number
  /** Whether to include the hashes. They are useless without the pepper. */
  readonly withPasswordHashes: boolean
  /** Whether to include the secrets of authenticator apps. */
  readonly withFactors: boolean
}

type Dependencies = Operating & Pick<Context, 'vault'>

/**
 * Exports one page of all users, oldest first and unmasked, without erased people. The export is recorded
 * before it is returned: once for the page, and once for each user, so that each user sees it in the list of
 * activity.
 * @throws AppError `unavailable` when no store returns a key, rather than leaving a user out
 */
export async function exportUsers(ctx: Dependencies, request: UserExport): Promise<ExportedUsers> {
  const rows = await ctx.db.all(selectExported(request))
  const { items, nextCursor } = toPage(rows, request.limit, cursorAfter)
  const detail = {
    ...operatorSession(ctx),
    revealed_for: request.reason,
    with_password_hashes: request.withPasswordHashes,
    with_factors: request.withFactors,
  }
  await ctx.db.batch({
    page: recordEvent(ctx, { action: 'operator.users_exported', outcome: 'success', detail }),
    users: items.map(({ id }) =>
      recordEvent(ctx, { action: 'operator.user_exported', outcome: 'success', subjectId: id, detail }),
    ),
  })
  const exported = await inChunks(items, async (row) => describe(row, await ctx.vault.find(row.id), request))
  return { users: exported, next_cursor: nextCursor }
}

const identitiesSchema = z.array(z.object({ id: z.string(), provider: z.string(), provider_id: z.string() }))

const exportedMembers = {
  ...accountMembers,
  email_enc: users.emailEnc,
  ...profileColumns,
  identities: computed.json(
    sql`(SELECT json_group_array(json_object('id', id, 'provider', provider, 'provider_id', provider_id_enc))
      FROM social_logins WHERE user_id = ${users.id})`,
    identitiesSchema,
  ),
  erasure_basis: computed.textOrNull(
    sql`(SELECT basis FROM erasures WHERE user_id = ${users.id} AND completed_at IS NULL)`,
  ),
  password_hash: computed.textOrNull(sql`NULL`),
  totp_secret_enc: computed.textOrNull(sql`NULL`),
} as const

const passwordMembers = {
  password_hash: computed.textOrNull(sql`(SELECT password_hash FROM credentials WHERE user_id = ${users.id})`),
} as const

const factorMembers = {
  totp_secret_enc: computed.textOrNull(sql`(SELECT secret_enc FROM totp_factors WHERE user_id = ${users.id})`),
} as const

type ExportedRow = Row<typeof exportedMembers>

/**
 * Selects a page with one row more than the limit. Index `users_created`, and primary keys and indexes by
 * user.
 */
function selectExported({ cursor, limit, withPasswordHashes, withFactors }: UserExport): Statement<ExportedRow> {
  const members = {
    ...exportedMembers,
    ...(withPasswordHashes && passwordMembers),
    ...(withFactors && factorMembers),
  }
  return withRows(
    members,
    sql`
      SELECT ${columnsOf(members)} FROM users LEFT JOIN user_profiles ON user_profiles.user_id = users.id
      WHERE (users.created_at, users.id) > (${cursor?.createdAtMs ?? -1}, ${cursor?.id ?? ''}) AND NOT ${isTombstone}
      ORDER BY users.created_at, users.id LIMIT ${limit + 1}`,
  )
}

async function describe(row: ExportedRow, lookup: DataKeyLookup, request: UserExport): Promise<ExportedUser> {
  if (lookup.kind === 'unavailable') throw new AppError('missingRootKey' in lookup ? 'misconfigured' : 'unavailable')
  const { is_erased: _, ...state } = showAccount(row)
  const account = {
    ...state,
    erasure_basis: row.erasure_basis,
    ...(request.withPasswordHashes && { password_hash: row.password_hash }),
  }
  const none = request.withFactors && { totp_secret: null }
  const unreadable = { ...account, ...none, is_readable: false, email: null, identities: [] }
  if (lookup.kind === 'destroyed') return unreadable
  try {
    return { ...account, ...none, is_readable: true, ...(await readPersonal(row, lookup.key)) }
  } catch (error) {
    if (error instanceof CiphertextError) return unreadable
    throw error
  }
}

async function readPersonal(row: ExportedRow, key: CryptoKey) {
  const { id, totp_secret_enc: secretEnc } = row
  const [email, secret, profile, identities] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    secretEnc === null ? undefined : openTotpSecret(key, id, secretEnc),
    decryptProfile(key, row.id, row),
    Promise.all(
      row.identities.map(async ({ id, provider, provider_id }) => ({
        provider,
        provider_id: await openSubject(key, { table: 'social_logins', id, userId: row.id }, provider_id),
      })),
    ),
  ])
  return { email, ...profile, identities, ...(secret !== undefined && { totp_secret: secret }) }
}
