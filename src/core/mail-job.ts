import * as z from 'zod'
import { clientSchema } from './client-details.ts'
import { factorKinds } from './factor-kinds.ts'

/** A message of the mail queue. It holds no personal data. */
export const mailMessageSchema = z.strictObject({ id: z.string() })
export type MailMessage = z.infer<typeof mailMessageSchema>

/** The values that a mail's template needs; stored encrypted with the job. */
export const mailPayloadSchema = z.object({
  /** The recipient, if it is not the account's own address. */
  to: z.string().optional(),
  /** The device that caused the event that the mail reports. */
  client: clientSchema.optional(),
  /** Blind indexes of `to`. If another account has that address, the mail is silently not sent. */
  onlyIfFree: z.array(z.string()).optional(),
  /** Name of the provider whose identity was linked or unlinked. */
  provider: z.string().optional(),
  /**
   * Names of the providers whose identities a reset has unlinked, and of those whose identities stay linked.
   */
  droppedProviders: z.array(z.string()).optional(),
  keptProviders: z.array(z.string()).optional(),
  restoreUntilMs: z.number().optional(),
  /** Unix milliseconds; null for a suspension without an end. */
  suspendedUntilMs: z.number().nullable().optional(),
  /** How many recovery codes can still be used. */
  codesLeft: z.number().optional(),
  /**
   * Id of the ticket whose code is mailed. The code is computed when the mail is sent, and stored nowhere.
   */
  codeFor: z.string().optional(),
  /** Unix milliseconds at which second factors will be removed. */
  resetAtMs: z.number().optional(),
  /** The kinds of factors that were removed, or will be. */
  factorKinds: z.array(z.enum(factorKinds)).optional(),
})
export type MailPayload = z.infer<typeof mailPayloadSchema>
