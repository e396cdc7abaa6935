import * as z from 'zod'
import { clientSchema } from './client.ts'

/** The message that the mail queue carries. Says nothing about anybody. */
export const mailMessageSchema = z.strictObject({ id: z.string() })
export type MailMessage = z.infer<typeof mailMessageSchema>

/** What a mail says beyond its template; stored encrypted with the job. */
export const mailPayloadSchema = z.object({
  /** Another recipient than the account's own address. */
  to: z.string().optional(),
  /** The device behind what the mail tells about. */
  client: clientSchema.optional(),
  /**
   * Indexes of `to`: nothing is sent if it belongs to another account, and nobody is told that nothing was.
   */
  onlyIfFree: z.array(z.string()).optional(),
  /** Name of the provider whose identity was linked or unlinked. */
  provider: z.string().optional(),
  /** Names of the providers whose identities a reset has unlinked, and of those that still sign in. */
  droppedProviders: z.array(z.string()).optional(),
  keptProviders: z.array(z.string()).optional(),
  restoreUntilMs: z.number().optional(),
  /** Null for a suspension without an end. */
  suspendedUntilMs: z.number().nullable().optional(),
})
export type MailPayload = z.infer<typeof mailPayloadSchema>
