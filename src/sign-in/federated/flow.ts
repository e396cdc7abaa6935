import * as z from 'zod'
import { sessionIdSchema, userIdSchema } from '../../core/ids.ts'
import { tryStored } from '../../core/json.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'

const flowSchema = z.object({
  /** UUID v4; the id of its row in `oauth_flows`, once its state was used. */
  id: z.uuidv4(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  redirectUri: z.string(),
  /** Of the application. */
  codeChallenge: z.string(),
  /** The application's own, handed back to it. */
  clientState: z.string().optional(),
  /** The user who links the identity; absent in a sign-in. */
  userId: userIdSchema.optional(),
  /** The session that asked to link. */
  sessionId: sessionIdSchema.optional(),
  expiresAtMs: z.number(),
})

/** What one browser carries from the start of a social sign-in to its callback, sealed. */
export type Flow = z.infer<typeof flowSchema>

const ticketSchema = z.object({ userId: userIdSchema, sessionId: sessionIdSchema, expiresAtMs: z.number() })

/**
 * Says that a session asked to link an identity of one provider. It gives no access: the code needs a session
 * of the same user, and is void when the session that asked has ended.
 */
export type LinkTicket = z.infer<typeof ticketSchema>

/** @param provider is authenticated: what was sealed for one provider does not open for another */
export const sealFlow = (ring: KeyRing, provider: string, flow: Flow): Promise<string> =>
  seal(ring, 'flow', provider, flow)

/** Undefined for anything that this service did not seal for this provider, or that has had its time. */
export const openFlow = (ring: KeyRing, provider: string, sealed: string, now: number): Promise<Flow | undefined> =>
  open(ring, { kind: 'flow', provider, schema: flowSchema, now }, sealed)

export const sealTicket = (ring: KeyRing, provider: string, ticket: LinkTicket): Promise<string> =>
  seal(ring, 'ticket', provider, ticket)

export const openTicket = (
  ring: KeyRing,
  provider: string,
  sealed: string,
  now: number,
): Promise<LinkTicket | undefined> => open(ring, { kind: 'ticket', provider, schema: ticketSchema, now }, sealed)

type Kind = 'flow' | 'ticket'

const placeOf = (kind: Kind, provider: string) => ({ table: 'oauth', column: kind, owner: provider })

const seal = (ring: KeyRing, kind: Kind, provider: string, content: object): Promise<string> =>
  encryptField(ring.newest.flow, placeOf(kind, provider), JSON.stringify(content))

interface Expected<Schema> {
  readonly kind: Kind
  readonly provider: string
  readonly schema: Schema
  readonly now: number
}

async function open<Schema extends z.ZodType<{ expiresAtMs: number }>>(
  ring: KeyRing,
  { kind, provider, schema, now }: Expected<Schema>,
  sealed: string,
): Promise<z.output<Schema> | undefined> {
  for (const { flow: key } of ring.trusted) {
    const text = await decryptField(key, placeOf(kind, provider), sealed).catch(() => undefined)
    const content = text === undefined ? undefined : tryStored(schema, text)
    if (content !== undefined) return content.expiresAtMs > now ? content : undefined
  }
  return undefined
}
