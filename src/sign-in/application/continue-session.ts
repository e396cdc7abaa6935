import * as z from 'zod'
import { recordedMethods } from '../../core/assurance.ts'
import type { SessionId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { decryptDevice } from '../../sessions/session-device.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import type { SignInAccount } from '../../storage/database/sign-in-account.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'

interface Continuation {
  readonly account: SignInAccount
  readonly pendingKey: Promise<DataKeyLookup>
  /** The session to open, which the code has noted. */
  readonly opens: SessionId
  /** The session that made the code. */
  readonly sessionId: SessionId
  /** JSON: `origin` of `usedSignInCode`. */
  readonly origin: string
  /** The host of the application. */
  readonly application: string
}

const originSchema = z.object({
  amr: z.array(z.string()),
  auth_time: z.int(),
  device_enc: z.string().nullable(),
  passkey_id: z.string().nullable(),
})

/**
 * Opens a session for an application beside the one of the pages. It has proven the same, at the same time,
 * with the same passkey and on the same device: the exchange may come from a server of the application.
 * @throws AppError `invalid_token`, and what `completeSignIn` throws
 */
export async function continueSession(
  ctx: SessionDependencies,
  { account, pendingKey, opens, sessionId, origin, application }: Continuation,
): Promise<LoginResult> {
  const { amr, auth_time: authTimeMs, device_enc: deviceEnc, passkey_id: passkeyId } = readStored(originSchema, origin)
  const key = await pendingKey
  const device = key.kind === 'found' ? await decryptDevice(key.key, { sessionId, userId: account.id }, deviceEnc) : {}
  return completeSignIn(ctx, {
    account,
    pendingKey,
    amr: recordedMethods(amr),
    authTimeMs,
    passkeyId: passkeyId ?? undefined,
    opens,
    continues: { sessionId, device, application },
    refusedAs: 'invalid_token',
  })
}
