import * as z from 'zod'
import type { HttpContext } from '../environment.ts'
import { reasonSchema } from './admin-route.ts'

/** Query members that show personal data unmasked. */
export const revealFields = { reveal: z.literal('true').optional(), reason: reasonSchema.optional() }

/** The two belong together: without a reason nothing is shown, and a reason for nothing is a mistake. */
export const isRevealComplete = ({ reveal, reason }: z.output<z.ZodObject<typeof revealFields>>): boolean =>
  (reveal === undefined) === (reason === undefined)

/** Showing personal data takes a recent sign-in, as a change does: `handsOutInBulk` of a route. */
export const reveals = (_: HttpContext, { reveal }: { readonly reveal?: 'true' | undefined }): boolean =>
  reveal !== undefined
