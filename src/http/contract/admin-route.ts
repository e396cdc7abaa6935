import * as z from 'zod'
import { operatorNoteSchema, operatorReasons } from '../../core/operator.ts'
import type { DocumentedAnswers } from './answers.ts'
import { type Contract, route } from './contract.ts'
import type { Route } from './definition.ts'

interface AdminContract<Body extends z.ZodType, Query extends z.ZodType, Declared extends DocumentedAnswers>
  extends Omit<Contract<Body, Query, Declared>, 'access' | 'area' | 'acceptsBookmark'> {
  /** By default `Operators`. */
  readonly area?: 'User import and export'
}

/**
 * Declares an operators' endpoint: whatever is not a GET needs a recent sign-in (R6), and counts towards the
 * quota of all operators' changes unless the contract names another.
 */
export const adminRoute = <Body extends z.ZodType, Query extends z.ZodType, const Declared extends DocumentedAnswers>(
  contract: AdminContract<Body, Query, Declared>,
): Route =>
  route<Body, Query, Declared>({
    area: 'Operators',
    ...(contract.method !== 'GET' && { limits: { policy: 'operate', isCountedWithWork: true } as const }),
    ...contract,
    access: contract.method === 'GET' ? 'admin' : 'admin-step-up',
  })

export const reasonSchema = z.enum(operatorReasons)

/** Members that every change takes: why, and what else there is to say. */
export const operationFields = { reason: reasonSchema, note: operatorNoteSchema.optional() }

/** The body of a change that takes nothing else. */
export const operationSchema = z.strictObject(operationFields)
