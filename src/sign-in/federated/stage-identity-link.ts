import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { ProviderIdentity } from '../../core/identity-provider.ts'
import type { UserId } from '../../core/ids.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { grantCode } from '../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { indexIdentity, isLinked, sealSubject } from '../../storage/database/social-logins.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault'>

interface LinkRequest {
  readonly flowId: string
  readonly userId: UserId
  readonly provider: string
  readonly identity: ProviderIdentity
}

/**
 * Binds the flow's code to an identity that a session of this user may then link. The provider is not asked
 * for an address: the signed-in user decides which identity belongs to the account.
 * @throws AppError `identity_taken`, `unavailable`
 */
export async function stageIdentityLink(
  ctx: Dependencies,
  { flowId, userId, provider, identity }: LinkRequest,
): Promise<void> {
  const { db, ring, vault, now } = ctx
  const [ref, lookup] = await Promise.all([indexIdentity(ring, provider, identity.subject), vault.find(userId)])
  if (lookup.kind !== 'found') throw new AppError('unavailable')
  const subjectEnc = await sealSubject(lookup.key, { table: 'oauth_flows', id: flowId, userId }, identity.subject)
  const granted = await db.first(grantCode({ flowId, identity: ref, now, subjectEnc }, sql`NOT ${isLinked(ref)}`))
  if (granted !== undefined) return
  const pii = await encryptClient(ctx, lookup, userId)
  const detail = { reason: 'identity_taken' } as const
  const event = { action: 'identity.link_failed', outcome: 'failure', subjectId: userId, detail } as const
  await db.batch({ refused: recordEvent(ctx, event, { pii }) })
  throw new AppError('identity_taken')
}
