import * as z from 'zod'
import { answerSchema, time, type View } from '../core/answer-schema.ts'
import { factorKinds } from '../core/mail.ts'

/** A requested reset of second factors: which kinds go, and not before when. */
export const factorResetView = answerSchema('FactorReset', () => ({
  kinds: z.array(z.enum(factorKinds)),
  due_at: time(),
}))

export type FactorReset = View<typeof factorResetView>
