import * as z from 'zod'

/**
 * What a request reveals about the client's device. This is personal data: it is stored encrypted or not at
 * all.
 */
export const clientSchema = z.object({
  ip: z.string().optional(),
  user_agent: z.string().optional(),
  city: z.string().optional(),
  country: z.string().optional(),
})
export type ClientDetails = z.infer<typeof clientSchema>
