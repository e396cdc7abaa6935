import * as z from 'zod'
import { answerSchema } from './answer-schema.ts'

/** An answer that says in a sentence what happens next. */
export const messageView = answerSchema('Message', () => ({ message: z.string() }))
