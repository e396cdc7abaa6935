import * as z from 'zod'
import { requireRecentSignIn } from '../../../auth/authenticate.ts'
import type { HttpContext } from '../../environment.ts'
import { reasonSchema } from './admin-route.ts'

/** Query members that show personal data unmasked. */
export const revealFields = { reveal: z.literal('true').optional(), reason: reasonSchema.optional() }

/** The two belong together: without a reason nothing is shown, and a reason for nothing is a mistake. */
export const isRevealComplete = ({ reveal, reason }: z.output<z.ZodObject<typeof revealFields>>): boolean =>
  (reveal === undefined) === (reason === undefined)

/** Showing personal data takes a recent sign-in, as a change does. @throws AppError `step_up_required` */
export function assertMayReveal(c: HttpContext, reveal: string | undefined): void {
  if (reveal !== undefined) requireRecentSignIn(c.get('ctx'), c.get('principal'))
}
