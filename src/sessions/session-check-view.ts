import * as z from 'zod'
import { answerSchema, time, type View } from '../core/answer-schema.ts'
import { acrOf, assuranceLevels } from '../core/assurance.ts'
import type { SessionSnapshot } from '../core/ports.ts'
import type { Principal } from '../core/principal.ts'
import { rfc3339 } from '../core/time.ts'

/** The answer of `GET /auth/session`. */
export const sessionCheckView = answerSchema('SessionCheck', () => ({
  active: z.literal(true),
  user_id: z.uuid(),
  session_id: z.uuid(),
  roles: z.array(z.string()),
  amr: z.array(z.string()),
  /** The level of `amr`. */
  acr: z.enum(assuranceLevels),
  auth_time: time(),
  expires_at: time(),
}))

export type SessionCheck = View<typeof sessionCheckView>

/**
 * Method, level and time of authentication come from the access token. The other members come from the
 * session.
 */
export const showSessionCheck = (
  { userId, sessionId, amr, authTimeMs }: Omit<Principal, 'roles'>,
  { roles, expiresAtMs }: Pick<SessionSnapshot, 'roles' | 'expiresAtMs'>,
): SessionCheck => ({
  active: true,
  user_id: userId,
  session_id: sessionId,
  roles: [...roles],
  amr: [...amr],
  acr: acrOf(amr),
  auth_time: rfc3339(authTimeMs),
  expires_at: rfc3339(expiresAtMs),
})
