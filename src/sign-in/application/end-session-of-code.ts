import { sql } from 'drizzle-orm'
import type { Recording } from '../../context.ts'
import type { SessionId } from '../../core/ids.ts'
import { endSessions, type SessionEnding, withContinued } from '../../storage/database/end-sessions.ts'
import { selectSessionOfUsedCode, voidUsedCode } from '../../storage/database/oauth-flows.ts'
import { ownerOf } from '../../storage/database/outbox.ts'
import { recorded } from '../../storage/database/recorded.ts'

interface UsedCode {
  readonly flowId: string
  readonly codeChallenge: string
  readonly redirectUri?: string | undefined
}

/**
 * Ends the session of a code that was used before, because one of the two who used it may be a thief (RFC
 * 6749 section 10.5). Both had the verifier. A first use that has not opened its session yet opens none.
 */
export async function endSessionOfCode(ctx: Recording & SessionEnding, used: UsedCode): Promise<void> {
  const { db } = ctx
  const found = await db.first(selectSessionOfUsedCode(used))
  if (found === undefined || found.nonce === null) return
  const sessionId = found.nonce as SessionId
  await db.batch({
    ended: recorded(
      ctx,
      endSessions(ctx, 'reuse', withContinued(sql`id = ${sessionId}`)),
      { action: 'session.reuse_detected', outcome: 'failure', detail: { session_id: sessionId } },
      { owner: ownerOf(sessionId) },
    ),
    voided: voidUsedCode(sessionId),
  })
}
