import * as z from 'zod'
import { answerSchema, time, type View } from '../../core/answer-schema.ts'
import { factorKinds } from '../../core/factor-kinds.ts'
import { tryStored } from '../../core/json.ts'
import { rfc3339 } from '../../core/time.ts'

const kindsSchema = z.array(z.enum(factorKinds))

/** A requested reset of second factors: which kinds go, and not before when. */
export const factorResetView = answerSchema('FactorReset', () => ({ kinds: kindsSchema, due_at: time() }))

export type FactorReset = View<typeof factorResetView>

/** The reset of an account; null if none is requested. */
export const showFactorReset = ({ reset_kinds, reset_due_at }: ResetColumns): FactorReset | null =>
  reset_due_at === null
    ? null
    : { kinds: tryStored(kindsSchema, reset_kinds ?? '') ?? [], due_at: rfc3339(reset_due_at) }

interface ResetColumns {
  readonly reset_kinds: string | null
  readonly reset_due_at: number | null
}
