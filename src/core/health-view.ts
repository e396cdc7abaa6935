import * as z from 'zod'
import { answerSchema, type View } from './answer-schema.ts'

/** The answer of `GET /livez` and of `GET /readyz`. */
export const healthView = answerSchema('Health', () => ({ status: z.enum(['ok', 'ready']) }))

export type Health = View<typeof healthView>

/** The Worker runs. */
export const ALIVE: Health = { status: 'ok' }

/** The stores answer, and every root key is configured. */
export const READY: Health = { status: 'ready' }
