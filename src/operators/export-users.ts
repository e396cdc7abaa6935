import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import { AppError } from '../core/errors.ts'
import { systemKeyOwner } from '../core/key-owner.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { Profile } from '../core/profile.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import { decryptEmail } from '../storage/database/email-field.ts'
import { decryptProfile, type EncryptedProfile } from '../storage/database/profile-row.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import { isTombstone } from '../storage/database/tombstone.ts'
import { recordEvent } from '../storage/outbox.ts'
import { type Account, type AccountRow, accountColumns, showAccount } from './account.ts'
import { type Operation, operatorSession, sealNote } from './operation.ts'
import { type Page, toPage } from './page.ts'
import { cursorAfter, type UserCursor } from './user-query.ts'

export interface UserExport extends Operation {
  readonly cursor?: UserCursor | undefined
  readonly limit: number
  /** Of use only to whoever has the pepper. */
  readonly withPasswordHashes: boolean
}

/** A whole user, with the names that an import uses. Times are RFC 3339. */
export interface ExportedUser extends Partial<Profile>, Omit<Account, 'is_erased'> {
  /** False when the data key is gone or the row was altered: then nothing personal is there. */
  readonly is_readable: boolean
  readonly email: string | null
  /** Who asked for the erasure; null while nobody has. */
  readonly erasure_basis: string | null
  readonly identities: readonly { readonly provider: string; readonly provider_id: string }[]
  readonly password_hash?: string | null
}

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/**
 * One page of everybody, oldest first, unmasked; erased people are not in it. It is recorded before it is handed out,
 * once for the page and once for each person, whose own trail then tells of it.
 * @throws AppError `unavailable` rather than leaving somebody out while no store gives a key
 */
export async function exportUsers(ctx: Dependencies, request: UserExport): Promise<Page<ExportedUser>> {
  const pii = await sealNote(systemKeyOwner(ctx.now), () => ctx.vault.system(ctx.now), request)
  const rows = await ctx.db.all(selectExported(request))
  const { items, nextCursor } = toPage(rows, request.limit, cursorAfter)
  const detail = {
    ...operatorSession(ctx),
    revealed_for: request.reason,
    with_password_hashes: request.withPasswordHashes,
  }
  await ctx.db.batch([
    recordEvent(ctx, { action: 'operator.users_exported', outcome: 'success', detail }, { pii }),
    ...items.map(({ id }) =>
      recordEvent(ctx, { action: 'operator.user_exported', outcome: 'success', subjectId: id, detail }),
    ),
  ])
  const users = await inChunks(items, async (row) => describe(row, await ctx.vault.find(row.id), request))
  return { items: users, nextCursor }
}

interface ExportedRow extends AccountRow, EncryptedProfile {
  readonly email_enc: string
  readonly identities: string
  readonly erasure_basis: string | null
  readonly password_hash: string | null
}

/** Index `users_created`, and primary keys and indexes by user. One more than asked for. */
const selectExported = ({ cursor, limit, withPasswordHashes }: UserExport): SQL<ExportedRow> => sql`
  SELECT ${accountColumns}, users.email_enc,
    p.full_name_enc, p.phone_number_enc, p.avatar_url_enc, p.bio_enc, p.preferences_enc,
    (SELECT json_group_array(json_object('provider', provider, 'provider_id', provider_id_enc))
      FROM social_logins WHERE user_id = users.id) AS identities,
    (SELECT basis FROM erasures WHERE user_id = users.id AND completed_at IS NULL) AS erasure_basis,
    ${withPasswordHashes ? sql`(SELECT password_hash FROM credentials WHERE user_id = users.id)` : sql`NULL`} AS password_hash
  FROM users LEFT JOIN user_profiles p ON p.user_id = users.id
  WHERE (users.created_at, users.id) > (${cursor?.createdAtMs ?? -1}, ${cursor?.id ?? ''}) AND NOT ${isTombstone}
  ORDER BY users.created_at, users.id LIMIT ${limit + 1}`

async function describe(row: ExportedRow, lookup: DataKeyLookup, request: UserExport): Promise<ExportedUser> {
  if (lookup.kind === 'unavailable') throw new AppError('missingRootKey' in lookup ? 'misconfigured' : 'unavailable')
  const { is_erased: _, ...state } = showAccount(row)
  const account = {
    ...state,
    erasure_basis: row.erasure_basis,
    ...(request.withPasswordHashes && { password_hash: row.password_hash }),
  }
  const unreadable = { ...account, is_readable: false, email: null, identities: [] }
  if (lookup.kind === 'destroyed') return unreadable
  try {
    return { ...account, is_readable: true, ...(await readPersonal(row, lookup.key)) }
  } catch (error) {
    if (error instanceof CiphertextError) return unreadable
    throw error
  }
}

const identitiesSchema = z.array(z.object({ provider: z.string(), provider_id: z.string() }))

async function readPersonal(row: ExportedRow, key: CryptoKey) {
  const [email, profile, identities] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    decryptProfile(key, row.id, row),
    Promise.all(
      identitiesSchema.parse(JSON.parse(row.identities)).map(async ({ provider, provider_id }) => ({
        provider,
        provider_id: await openSubject(key, row.id, provider_id),
      })),
    ),
  ])
  return { email, ...profile, identities }
}
