import * as z from 'zod'
import { sessionIdSchema, userIdSchema } from '../../core/ids.ts'
import { encryptField } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { openState } from '../../crypto/sealed-state.ts'

const flowSchema = z.object({
  /** UUID v4. Once the state was used, also the id of the row in `oauth_flows`. */
  id: z.uuidv4(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  redirectUri: z.string(),
  /** PKCE challenge of the application. */
  codeChallenge: z.string(),
  /** The `state` of the application. It is returned to the application unchanged. */
  clientState: z.string().optional(),
  /** The user who links the identity; absent in a sign-in. */
  userId: userIdSchema.optional(),
  /** The session that requested the link; absent in a sign-in. */
  sessionId: sessionIdSchema.optional(),
  expiresAtMs: z.number(),
})

/** The state of one flow from its start to its callback. The browser keeps it, encrypted. */
export type Flow = z.infer<typeof flowSchema>

const ticketSchema = z.object({ userId: userIdSchema, sessionId: sessionIdSchema, expiresAtMs: z.number() })

/**
 * Proves that a session requested to link an identity of one provider. The ticket gives no access. The code
 * at the end needs a session of the same user, and is void once the session that requested the ticket has
 * ended.
 */
export type LinkTicket = z.infer<typeof ticketSchema>

/**
 * Encrypts a flow.
 * @param provider is authenticated: a flow that was sealed for one provider does not open for another
 */
export const sealFlow = (ring: KeyRing, provider: string, flow: Flow): Promise<string> =>
  seal(ring, 'flow', provider, flow)

/**
 * Opens a sealed flow.
 * @returns undefined if this service did not seal it for this provider, or if it has expired
 */
export const openFlow = (ring: KeyRing, provider: string, sealed: string, now: number): Promise<Flow | undefined> =>
  open(ring, { kind: 'flow', provider, schema: flowSchema, now }, sealed)

export const sealLinkTicket = (ring: KeyRing, provider: string, ticket: LinkTicket): Promise<string> =>
  seal(ring, 'ticket', provider, ticket)

export const openLinkTicket = (
  ring: KeyRing,
  provider: string,
  sealed: string,
  now: number,
): Promise<LinkTicket | undefined> => open(ring, { kind: 'ticket', provider, schema: ticketSchema, now }, sealed)

type Kind = 'flow' | 'ticket'

/** The browser holds the text, so there is no row. */
const placeOf = (kind: Kind, provider: string) => ({ table: 'oauth', column: kind, owner: provider, row: kind })

const seal = (ring: KeyRing, kind: Kind, provider: string, content: object): Promise<string> =>
  encryptField(ring.newest.flow, placeOf(kind, provider), JSON.stringify(content))

interface Expected<Schema> {
  readonly kind: Kind
  readonly provider: string
  readonly schema: Schema
  readonly now: number
}

const open = <Schema extends z.ZodType<{ expiresAtMs: number }>>(
  ring: KeyRing,
  { kind, provider, schema, now }: Expected<Schema>,
  sealed: string,
): Promise<z.output<Schema> | undefined> => {
  const keys = ring.trusted.map(({ flow }) => flow)
  return openState(keys, { place: placeOf(kind, provider), schema, now }, sealed)
}
