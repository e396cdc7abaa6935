import * as z from 'zod'
import { answerSchema, type View } from './answer-schema.ts'

/** An answer with one sentence about what happens next. */
export const messageView = answerSchema('Message', () => ({ message: z.string() }))

export type Message = View<typeof messageView>
