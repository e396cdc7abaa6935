import * as z from 'zod'

/**
 * Room for 1,024 bytes in any normal form; the policy decides. Text that is not Unicode cannot be typed
 * again.
 */
export const passwordSchema = z
  .string()
  .max(4096)
  .refine((text) => text.isWellFormed(), 'must be well-formed text')

/** A refresh token, or a one-time token from a mail. */
export const tokenSchema = z.string().max(512)

/** What an application exchanges at the end of a social sign-in (RFC 7636 section 4.1). */
export const codeSchemas = {
  code: tokenSchema,
  code_verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, 'must be a PKCE verifier'),
} as const
