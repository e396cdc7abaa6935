import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { issueTicket, type NewPasskey } from '../../crypto/ticket.ts'
import { userHandleOf } from '../../crypto/user-handle.ts'
import { newChallenge } from '../../crypto/webauthn-challenge.ts'
import { requireLive, type SessionRef, selectAtAnyLevel, standingFor } from '../../storage/database/live-session.ts'
import { MOST_PASSKEYS } from '../../storage/database/passkeys.ts'
import { decryptProfileField } from '../../storage/database/profile-row.ts'
import { computed } from '../../storage/database/rows.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import { describeCreation } from './describe-creation.ts'
import { canMailOwner, tooManyNewPasskeys } from './passkey-notice.ts'
import type { PasskeyOffer } from './passkey-views.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring' | 'settings' | 'now'>

const ownerMembers = {
  email_enc: users.emailEnc,
  full_name_enc: computed.textOrNull(sql`(SELECT full_name_enc FROM user_profiles p WHERE p.user_id = users.id)`),
  /** Of every domain, because an authenticator holds back only passkeys of the present one. */
  credential_ids: computed.texts(sql`
    (SELECT json_group_array(p.credential_id) FROM passkeys p WHERE p.user_id = users.id AND p.removed_at IS NULL)`),
} as const

/**
 * Begins adding a passkey or a security key to the account of the signed-in user. Nothing is stored. The
 * session and the data key are read in parallel, so there is one wait.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `passkey_limit`,
 * `rate_limited`, `unavailable`, `misconfigured`
 */
export async function offerPasskey(ctx: Dependencies, session: SessionRef, wanted: NewPasskey): Promise<PasskeyOffer> {
  const { db, vault, now } = ctx
  const ref = onlyIfProven(ctx, session)
  const { userId, sessionId } = ref
  const relyingParty = requireRelyingParty(ctx.settings)
  const canMail = computed.flag(canMailOwner(userId, now))
  const members = { ...standingFor(ref, now), ...ownerMembers, can_mail_owner: canMail } as const
  const [row, lookup] = await Promise.all([db.first(selectAtAnyLevel(ref, members, now)), vault.find(userId)])
  const owner = requireLive(ref, row, now)
  if (owner.credential_ids.length >= MOST_PASSKEYS) throw new AppError('passkey_limit')
  if (!owner.can_mail_owner) throw tooManyNewPasskeys()
  const key = requireKey(lookup)
  const [email, fullName] = await Promise.all([
    decryptEmail(key, userId, owner.email_enc),
    decryptProfileField(key, userId, 'full_name', owner.full_name_enc),
  ])
  const challenge = newChallenge()
  const content = { userId, sessionId, challenge, ...wanted }
  const { ticket, expiresIn } = await issueTicket(ctx, 'passkey-add', content)
  return {
    ticket,
    expires_in: expiresIn,
    public_key: describeCreation({
      challenge,
      relyingParty,
      user: { id: userHandleOf(userId), name: email, displayName: fullName ?? email },
      wanted,
      expiresIn,
      known: owner.credential_ids,
    }),
  }
}
