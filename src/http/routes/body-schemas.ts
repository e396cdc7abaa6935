import * as z from 'zod'
import { consentDocumentSchema, consentVersionSchema } from '../../core/consent.ts'
import { MOST_DOCUMENTS } from '../../core/consent-documents.ts'
import { isText, TEXT_RULE } from '../../core/text.ts'

/**
 * Long enough for 1,024 bytes in any Unicode normalization form; the password policy sets the real limit.
 * Text that is not well-formed Unicode is rejected, because a user could not type it again.
 */
export const passwordSchema = z
  .string()
  .max(4096)
  .refine((text) => text.isWellFormed(), 'must be well-formed text')

/**
 * A refresh token, a device token, or a one-time token. An access token fits as well, and is then refused as
 * any other.
 */
export const tokenSchema = z.string().max(1024)

/** The ticket of a sign-in or sign-up by mail. It may contain a name and preferences. */
export const mailRequestSchema = z.string().max(32_768)

/** A ticket (`crypto/ticket.ts`). It may contain an address that was typed. */
export const ticketSchema = z.string().max(2048)

/** Body members with which an application finishes a social sign-in (RFC 7636 section 4.1). */
export const codeSchemas = {
  code: tokenSchema,
  code_verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, 'must be a PKCE verifier'),
} as const

/** An address of an application, which its verb compares with a list. */
export const redirectUriSchema = z.string().regex(/^[\x21-\x7e]{1,512}$/, 'must be an address')

/** What an application sends when it starts a sign-in, beside its address. */
export const codeRequestSchemas = {
  /** A SHA-256 digest in base64url. */
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be an S256 challenge'),
  /** Printable ASCII (RFC 6749 appendix A.5). */
  state: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/, 'must be printable ASCII')
    .optional(),
} as const

/** The name that its owner gives a passkey. */
export const passkeyNameSchema = z.string().trim().min(1).max(64).refine(isText, TEXT_RULE)

/** A code of an authenticator application: six ASCII digits, without spaces. */
export const totpCodeSchema = z.string().regex(/^[0-9]{6}$/, 'must be six digits')

/** A code from a mail: eight ASCII digits. */
export const mailCodeSchema = z.string().regex(/^[0-9]{8}$/, 'must be eight digits')

/** A recovery code as a person types it. Its shape is not checked here: a wrong shape is a wrong code. */
export const recoveryCodeSchema = z.string().max(64)

/** The documents of the setting `CONSENT_DOCUMENTS` to which the person agrees, with the current versions. */
export const consentsSchema = z
  .lazy(() =>
    z.array(z.strictObject({ document: consentDocumentSchema, version: consentVersionSchema })).max(MOST_DOCUMENTS),
  )
  .optional()
