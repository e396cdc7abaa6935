import { checkReadiness } from '../../compliance/check-readiness.ts'
import { healthView, READY } from '../../core/health-view.ts'
import { answer } from '../contract/answers.ts'
import { route } from '../contract/contract.ts'

export const getReadinessRoute = route({
  method: 'GET',
  path: '/readyz',
  id: 'getReadiness',
  area: 'Discovery',
  access: 'public',
  summary: 'Check whether D1, KV and R2 respond',
  answers: { 200: { description: 'They respond.', schema: healthView, example: () => READY } },
  async handle(c) {
    return answer(200, await checkReadiness(c.get('ctx')))
  },
})
