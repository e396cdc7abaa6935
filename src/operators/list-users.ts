import type { Context } from '../context.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { showAccount } from './account-view.ts'
import { maskEmail } from './mask.ts'
import { type Operating, operatorSession } from './operation.ts'
import { toPage } from './page.ts'
import { readEmails } from './read-emails.ts'
import { cursorAfter, selectUsers, type UserQuery, userOfAddress } from './user-query.ts'
import type { UserList } from './user-views.ts'

/** The conditions of a search. All given ones must hold. */
export interface UserSearch extends Omit<UserQuery, 'emailIndexes' | 'domainIndexes'> {
  readonly email?: EmailAddress | undefined
  /** Lower-case ASCII. */
  readonly emailDomain?: string | undefined
}

type Dependencies = Operating & Pick<Context, 'vault' | 'ring'>

/**
 * Lists one page of users. E-mail addresses are always masked here. Only `exportUsers` returns whole pages
 * unmasked.
 */
export async function listUsers(ctx: Dependencies, search: UserSearch): Promise<UserList> {
  const { email, emailDomain, ...rest } = search
  const [emailIndexes, domainIndexes] = await Promise.all([
    email && blindIndexes(ctx.ring, 'emailIndex', email.canonical),
    emailDomain === undefined ? undefined : blindIndexes(ctx.ring, 'emailDomainIndex', emailDomain),
  ])
  const { rows } = await ctx.db.batch({
    rows: selectUsers({ ...rest, emailIndexes, domainIndexes }),
    record: recordEvent(
      ctx,
      {
        action: 'operator.users_searched',
        outcome: 'success',
        detail: { ...operatorSession(ctx), filters: filtersOf(search) },
      },
      emailIndexes && { subject: userOfAddress(emailIndexes) },
    ),
  })
  const { items, nextCursor } = toPage(rows, search.limit, cursorAfter)
  const emails = await readEmails(ctx, items)
  const users = items.map((row, index) => {
    const address = emails[index] ?? null
    return { ...showAccount(row), email: address && maskEmail(address) }
  })
  return { users, next_cursor: nextCursor }
}

const FILTERS = {
  email: 'email',
  emailDomain: 'email_domain',
  status: 'status',
  role: 'role',
  createdAfterMs: 'created_after',
  createdBeforeMs: 'created_before',
} as const satisfies Partial<Record<keyof UserSearch, string>>

const filtersOf = (search: UserSearch): readonly string[] =>
  Object.entries(FILTERS).flatMap(([member, name]) =>
    search[member as keyof typeof FILTERS] === undefined ? [] : [name],
  )
