import * as z from 'zod'
import { findMissingRootKeys } from '../../compliance/keys/note-root-keys.ts'
import { answerSchema } from '../../core/answer-schema.ts'
import { AppError } from '../../core/errors.ts'
import { answer } from '../contract/answers.ts'
import { route } from '../contract/contract.ts'

const healthView = answerSchema('Health', () => ({ status: z.enum(['ok', 'ready']) }))

const READY = { status: 'ready' } as const

export const getReadinessRoute = route({
  method: 'GET',
  path: '/readyz',
  id: 'getReadiness',
  area: 'Discovery',
  access: 'public',
  summary: 'Whether D1, KV and R2 answer',
  answers: { 200: { description: 'They do.', schema: healthView, example: () => READY } },
  async handle(c) {
    // Keys and settings have been checked by the time that there is a context.
    const unreachable = await c.get('ctx').findUnreachableStores()
    if (unreachable.length > 0)
      throw new AppError('unavailable', { detail: `No answer from: ${unreachable.join(', ')}.` })
    if ((await findMissingRootKeys(c.get('ctx'))).length > 0) throw new AppError('misconfigured')
    return answer(200, READY)
  },
})
