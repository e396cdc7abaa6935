import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import type { SessionId } from '../../core/ids.ts'
import { UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
import { DAY_MS } from '../../core/time.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { issueToken } from '../../storage/database/one-time-tokens.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import type { EnrolledFactor } from '../finish-enrolment.ts'
import { nameAuthenticator } from '../name-authenticator.ts'
import { turnTwoStepOn } from '../turn-two-step-on.ts'
import { insertPasskey, type NewPasskeyRow } from './insert-passkey.ts'
import { canMailOwner, PASSKEY_NOTICE } from './passkey-notice.ts'
import type { PasskeyAdded } from './passkey-views.ts'

type Dependencies = Recording & Pick<Context, 'locale' | 'sessions' | 'defer'>

interface PasskeyStaging {
  readonly passkey: Omit<NewPasskeyRow, 'id'>
  /** Also turns two-step sign-in on. */
  readonly turnsOn: boolean
  /** The session of the request. Undefined for an enrolment without a session. */
  readonly keptSession: SessionId | undefined
}

interface StagedPasskey extends EnrolledFactor {
  readonly id: string
  /** The answer, once the batch has stored the passkey. */
  readonly show: () => Promise<PasskeyAdded>
}

/**
 * The steps that store a verified passkey. The owner is mailed with a link that removes it for seven days. A
 * passkey whose mail would be held back is not stored. An enrolment without a session gives recovery codes as
 * well, even if two-step sign-in was on before.
 */
export async function stagePasskey(
  ctx: Dependencies,
  { passkey, turnsOn, keptSession }: PasskeyStaging,
): Promise<StagedPasskey> {
  const { now } = ctx
  const { userId, key, label } = passkey
  const id = crypto.randomUUID()
  const lookup = { kind: 'found', key } as const
  const isDone = sql`EXISTS (SELECT 1 FROM passkeys WHERE id = ${id})`
  const codesIf = keptSession === undefined ? { codesIf: isDone } : {}
  const [insertion, pii, payload, turned] = await Promise.all([
    insertPasskey(ctx, { id, ...passkey }),
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
    turnsOn ? turnTwoStepOn(ctx, { userId, lookup, onlyIf: isDone, keptSession, ...codesIf }) : undefined,
  ])
  const event = {
    action: 'passkey.added',
    outcome: 'success',
    subjectId: userId,
    detail: { passkey_id: id },
  } as const
  const codes = () => turned?.codes()
  return {
    id,
    isDone,
    codes,
    steps: (mayAdd: SQL) => [
      recorded(ctx, insertion(sql`${mayAdd} AND ${canMailOwner(userId, now)}`), event, { pii }),
      ...Object.values(turned?.steps ?? {}),
      // The link has the id of the passkey, so no row has to name it.
      issueToken(
        { id, purpose: 'unkey', now, expiresAtMs: now + UNDO_PASSKEY_DAYS * DAY_MS },
        sql`u.id = ${userId} AND ${isDone}`,
      ),
      orderMail(ctx, { template: PASSKEY_NOTICE, userId, payload, tokenId: id, onlyIf: isDone }),
    ],
    show: async () => {
      const given = codes()
      const provider = await nameAuthenticator(passkey.registered.aaguid)
      return { id, name: label ?? null, provider, ...(given && { recovery_codes: given }) }
    },
  }
}
