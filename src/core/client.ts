import * as z from 'zod'

/** What a request tells about the device behind it. Personal data: it is stored encrypted or not at all. */
export const clientSchema = z.object({
  ip: z.string().optional(),
  user_agent: z.string().optional(),
  city: z.string().optional(),
  country: z.string().optional(),
})
export type ClientDetails = z.infer<typeof clientSchema>
