import * as z from 'zod'
import type { HttpContext } from '../environment.ts'
import { reasonSchema } from './admin-route.ts'

/** Query members to show personal data unmasked. */
export const revealFields = { reveal: z.literal('true').optional(), reason: reasonSchema.optional() }

/**
 * Both members or none: `reveal` requires a reason, and a reason without `reveal` is a mistake of the client.
 */
export const isRevealComplete = ({ reveal, reason }: z.output<z.ZodObject<typeof revealFields>>): boolean =>
  (reveal === undefined) === (reason === undefined)

/** For `handsOutInBulk` of a route: unmasked personal data requires a recent sign-in, as changes do. */
export const reveals = (_: HttpContext, { reveal }: { readonly reveal?: 'true' | undefined }): boolean =>
  reveal !== undefined
