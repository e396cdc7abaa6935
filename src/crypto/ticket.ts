import * as z from 'zod'
import {
  consentDecisions,
  consentDocumentSchema,
  consentSources,
  consentVersionSchema,
  type NewConsent,
} from '../core/consent.ts'
import { type SessionId, sessionIdSchema, type UserId, userIdSchema } from '../core/ids.ts'
import { TICKET_MINUTES } from '../core/lifetimes.ts'
import { type ProfileChanges, profileFieldSchemas } from '../core/profile.ts'
import { encryptField } from './field-cipher.ts'
import type { KeyRing } from './key-ring.ts'
import { openState } from './sealed-state.ts'

/** What every ticket holds. */
interface Started {
  /** UUID, and the id of the row in `spent_tickets` once the ticket was used. */
  readonly id: string
  readonly expiresAtMs: number
}

/** Of a ticket about an account. */
interface OfAccount {
  readonly userId: UserId
}

/** A ticket with a challenge for an authenticator (WebAuthn section 13.4.3). */
interface Challenging {
  /** 32 random bytes, base64url. */
  readonly challenge: string
}

/** A person who has signed in with one factor. */
interface FirstProof {
  readonly amr: readonly string[]
  /** Time of the proof in Unix milliseconds; zero for one that never counts as a recent sign-in. */
  readonly authTimeMs: number
  /** `users.security_epoch` at that time. A ticket of another epoch is void. */
  readonly epoch: number
  /** The e-mail address that was typed. */
  readonly typed?: string | undefined
}

/** What a person has entered for a new account. */
export interface NewAccount {
  readonly profile: Pick<ProfileChanges, 'full_name' | 'preferences'>
  readonly consents: readonly NewConsent[]
}

/** The kinds of tickets, and what each holds. */
interface TicketContents {
  /**
   * A sign-in that lacks its second factor. The challenge is for the passkeys of the account, if it has any.
   * `spent_tickets` shows under the challenge itself that an answer to it was sent.
   */
  readonly mfa: OfAccount & FirstProof & { readonly challenge?: string | undefined }
  /** A TOTP secret that the person has not confirmed with a code. */
  readonly 'totp-add': OfAccount & {
    /** 160 bits, base32. */
    readonly secret: string
    /** The session, or the id of the `enrol` ticket, for which the secret was made. */
    readonly holder: { readonly sessionId: SessionId } | { readonly enrolId: string }
  }
  /** The right to add a second factor without a session, because the account gets none without it. */
  readonly enrol: OfAccount & FirstProof & { readonly by: 'sign-in' | 'command' | 'operator' }
  /** A request for a mail that signs in. Its id is that of the mail, UUID v7. */
  readonly 'mail-sign-in': {
    /** The address that was typed. */
    readonly email: string
    /** Present for a sign-up: what an account gets if the address has none. */
    readonly signUp?: NewAccount | undefined
  }
  /** The address of a sign-up by mail, for the consumer of the mail queue. */
  readonly 'mail-address': { readonly email: string }
  /** The right to create an account with an address that was proven. */
  readonly 'sign-up': NewAccount & { readonly email: string }
  /** The first passkey of an account that does not exist yet. */
  readonly 'passkey-sign-up': OfAccount & Challenging & { readonly signUpId: string }
  /** A sign-in with a passkey. Nobody is identified yet. */
  readonly 'passkey-sign-in': Challenging
  /** A step-up of a session with a passkey. */
  readonly 'passkey-step-up': OfAccount & Challenging & { readonly sessionId: SessionId }
  /** The first second factor of an account: a passkey that is added with the `enrol` ticket of this id. */
  readonly 'passkey-enrol': Challenging & Pick<NewPasskey, 'kind'> & { readonly enrolId: string }
  /** A passkey that a session adds. */
  readonly 'passkey-add': OfAccount & Challenging & NewPasskey & { readonly sessionId: SessionId }
}

/** What the options of a registration asked for. The answer is held to it. */
export interface NewPasskey {
  /** A security key is a second factor only, and need not verify its user. */
  readonly kind: 'passkey' | 'security_key'
  /**
   * The browser may ask the person nothing, right after a sign-in with a password (WebAuthn section 5.1.3).
   */
  readonly isConditional: boolean
}

export type TicketKind = keyof TicketContents

/** A ticket that was opened. */
export type Ticket<Kind extends TicketKind> = Started & TicketContents[Kind]

const started = { id: z.uuidv4(), expiresAtMs: z.number() }
const ofAccount = { ...started, userId: userIdSchema }
const challenging = { challenge: z.string() }
const kindSchema = z.enum(['passkey', 'security_key'])
const firstProof = {
  amr: z.array(z.string()),
  authTimeMs: z.number(),
  epoch: z.number(),
  typed: z.string().optional(),
}

const mailed = { ...started, id: z.uuidv7(), email: z.string() }

const newAccount = {
  profile: z.object({
    full_name: profileFieldSchemas.full_name.optional(),
    preferences: profileFieldSchemas.preferences.optional(),
  }),
  consents: z.array(
    z.object({
      document: consentDocumentSchema,
      version: consentVersionSchema,
      decision: z.enum(consentDecisions),
      source: z.enum(consentSources),
    }),
  ),
}

const schemas: { readonly [Kind in TicketKind]: z.ZodType<Ticket<Kind>> } = {
  mfa: z.object({ ...ofAccount, ...firstProof, challenge: z.string().optional() }),
  'totp-add': z.object({
    ...ofAccount,
    secret: z.string(),
    holder: z.union([z.object({ sessionId: sessionIdSchema }), z.object({ enrolId: z.uuidv4() })]),
  }),
  enrol: z.object({ ...ofAccount, ...firstProof, by: z.enum(['sign-in', 'command', 'operator']) }),
  'passkey-sign-in': z.object({ ...started, ...challenging }),
  'passkey-step-up': z.object({ ...ofAccount, ...challenging, sessionId: sessionIdSchema }),
  'passkey-add': z.object({
    ...ofAccount,
    ...challenging,
    sessionId: sessionIdSchema,
    kind: kindSchema,
    isConditional: z.boolean(),
  }),
  'passkey-enrol': z.object({ ...started, ...challenging, kind: kindSchema, enrolId: z.uuidv4() }),
  'mail-sign-in': z.object({ ...mailed, signUp: z.object(newAccount).optional() }),
  'mail-address': z.object(mailed),
  'sign-up': z.object({ ...started, ...newAccount, email: z.string() }),
  'passkey-sign-up': z.object({ ...ofAccount, ...challenging, signUpId: z.uuidv4() }),
}

/** The client keeps the ticket, so it is in no table. */
const placeOf = (kind: TicketKind) =>
  ({ table: 'ticket', column: kind, owner: 'service', row: kind, unbound: 'refused' }) as const

/**
 * Encrypts the state of something begun, for the client to keep. A start therefore writes nothing.
 * AES-256-GCM with the `ticket` key of the newest root key; the kind is authenticated.
 * @returns `v2.<iv>.<ciphertext>`
 */
export const sealTicket = <Kind extends TicketKind>(
  ring: KeyRing,
  kind: Kind,
  content: Ticket<Kind>,
): Promise<string> => encryptField(ring.newest.ticket, placeOf(kind), JSON.stringify(content))

/** A new ticket, for the client to keep. */
interface IssuedTicket {
  readonly ticket: string
  /** Seconds. */
  readonly expiresIn: number
}

/**
 * Seals a new ticket, which is valid for `TICKET_MINUTES`.
 * @param id a UUID; a random one by default
 */
export async function issueTicket<Kind extends TicketKind>(
  { ring, now }: { readonly ring: KeyRing; readonly now: number },
  kind: Kind,
  content: TicketContents[Kind],
  id: string = crypto.randomUUID(),
): Promise<IssuedTicket> {
  const expiresIn = TICKET_MINUTES[kind] * 60
  const ticket = await sealTicket(ring, kind, { ...content, id, expiresAtMs: now + expiresIn * 1000 })
  return { ticket, expiresIn }
}

/**
 * Opens a ticket. It may have been used already: `spent_tickets` shows that.
 * @returns undefined if this service did not seal it as this kind, or if it has expired
 */
export async function openTicket<Kind extends TicketKind>(
  ring: KeyRing,
  kind: Kind,
  sealed: string,
  now: number,
): Promise<Ticket<Kind> | undefined> {
  const keys = ring.trusted.map(({ ticket }) => ticket)
  return openState(keys, { place: placeOf(kind), schema: schemas[kind], now }, sealed)
}
