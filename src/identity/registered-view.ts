import * as z from 'zod'
import { answerSchema } from '../core/answer-schema.ts'

/** The answer of `POST /auth/register`, where it may say that there is a new account. */
export const registeredView = answerSchema('Registered', () => ({ id: z.uuid(), message: z.string() }))
