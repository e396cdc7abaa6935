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

/** A text such as `Berlin, DE`; undefined when nothing is known. */
export function describePlace({ city, country }: ClientDetails): string | undefined {
  const parts = [city, country].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(', ')
}
