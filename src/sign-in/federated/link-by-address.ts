import { eq, type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import type { Step } from '../../storage/database/batch.ts'
import type { SessionEnding } from '../../storage/database/end-sessions.ts'
import { type EventCiphertext, encryptClients } from '../../storage/database/event-details.ts'
import { grantCode } from '../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { type IdentityRef, insertLogin, loginExists, sealSubject } from '../../storage/database/social-logins.ts'
import { u } from '../../storage/database/users.ts'
import { assignments } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { addressProven, credentialsVoided, voidOnFirstProof } from '../first-proof.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'ring' | 'vault' | 'locale'>

interface AddressMatch {
  readonly flowId: string
  readonly identity: IdentityRef
  readonly subject: string
  /** The address that the provider verified. It is also the account's. */
  readonly email: EmailAddress
  readonly account: { readonly id: UserId; readonly isVerified: boolean }
}

/**
 * Links an identity to the account with the same verified address, and mails the owner. If the account never
 * proved the address, another person may have registered it in advance. The provider's verification proves
 * the mailbox, so the account now belongs to the owner of the mailbox. The password, sessions, linked
 * identities, pending mailed links and profile from before are void (O6 in docs/requirements.md).
 * @returns false if the account changed after it was read
 */
export async function linkByAddress(ctx: Dependencies, match: AddressMatch): Promise<boolean> {
  const { db, ring, now } = ctx
  const { flowId, identity, account, email } = match
  const userId = account.id
  const lookup = await ctx.vault.find(userId)
  if (lookup.kind !== 'found') throw new AppError('unavailable')
  const id = crypto.randomUUID()
  const [indexes, subjectEnc, [pii, ...piiOfProof], payload] = await Promise.all([
    blindIndexes(ring, 'emailIndex', email.canonical),
    sealSubject(lookup.key, { table: 'social_logins', id, userId }, match.subject),
    encryptClients(ctx, lookup, { owner: userId, count: 3 }),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client, provider: identity.provider } }),
  ])
  const isDone = loginExists(id)
  const isUnchanged = sql`
    u.id = ${userId} AND u.status = 'active' AND ${eq(u.isVerified, account.isVerified)}
    AND u.email_index IN ${indexes}`
  const detail = { identity_id: id, provider: identity.provider, by: 'address' } as const
  const { linked } = await db.batch({
    linked: insertLogin({ id, identity, subjectEnc, now }, isUnchanged),
    recorded: recordEvent(
      ctx,
      { action: 'identity.linked', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: isDone },
    ),
    // Verifies the account, since the provider has verified the address. This step comes before the mail,
    // because mail goes only to verified accounts.
    proven: account.isVerified ? undefined : proveAddress(ctx, { userId, loginId: id, pii: piiOfProof, isDone }),
    told: orderMail(ctx, { template: 'identity-linked', userId, payload, onlyIf: isDone }),
    granted: grantCode({ flowId, identity, now }, isDone),
  })
  return linked.length === 1
}

interface UnprovenAccount {
  readonly userId: UserId
  /** The new login, which stays. */
  readonly loginId: string
  /** From `encryptClients`: one for each of the two events. */
  readonly pii: readonly (EventCiphertext | undefined)[]
  readonly isDone: SQL
}

function proveAddress(ctx: Dependencies, { userId, loginId, pii, isDone }: UnprovenAccount): readonly Step[] {
  return [
    ...Object.values(voidOnFirstProof(ctx, sql`(SELECT id FROM users WHERE id = ${userId} AND ${isDone})`, loginId)),
    sql`UPDATE users SET ${assignments(users, addressProven)} WHERE id = ${userId} AND ${isDone}`,
    recordEvent(
      ctx,
      { action: 'user.email_verified', outcome: 'success', subjectId: userId },
      { pii: pii[0], onlyIf: isDone },
    ),
    recordEvent(ctx, { ...credentialsVoided, subjectId: userId }, { pii: pii[1], onlyIf: isDone }),
  ]
}
