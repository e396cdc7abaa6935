import * as z from 'zod'
import { operatorNoteSchema, operatorReasons } from '../../core/operator.ts'
import type { DocumentedAnswers } from './answers.ts'
import { type Contract, route } from './contract.ts'
import type { Route } from './definition.ts'

interface AdminContract<Body extends z.ZodType, Query extends z.ZodType, Declared extends DocumentedAnswers>
  extends Omit<Contract<Body, Query, Declared>, 'access' | 'area' | 'acceptsBookmark'> {
  /** Default: `Operators`. */
  readonly area?: 'User import and export'
}

/**
 * Declares an endpoint for operators. Every method but GET requires a recent sign-in (R6) and counts towards
 * the rate limit `operate`, unless the contract names another policy.
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

/** Body members of every change to an account: the reason, and an optional note about the person. */
export const operationFields = { reason: reasonSchema, note: operatorNoteSchema.optional() }

/** The body of a change to an account that has no other members. */
export const operationSchema = z.strictObject(operationFields)

/**
 * Body members of an operation that is about no single person. It takes no note, since no person's key could
 * encrypt one.
 */
export const reasonFields = { reason: reasonSchema }

/** The body of such an operation that has no other members. */
export const reasonOnlySchema = z.strictObject(reasonFields)
