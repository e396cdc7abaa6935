import { describeIssuer, issuerView } from '../../../sessions/describe-issuer.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { keyExamples } from '../../examples/key-examples.ts'

export const getIssuerRoute = route({
  method: 'GET',
  path: '/.well-known/openid-configuration',
  id: 'getIssuer',
  area: 'Discovery',
  access: 'public',
  summary: 'Get the issuer, key address and algorithm',
  answers: {
    200: {
      description: 'The metadata that a resource server needs.',
      schema: issuerView,
      example: () => describeIssuer({ settings: { ISSUER: keyExamples.issuer } }),
    },
  },
  async handle(c) {
    return answer(200, describeIssuer(c.get('ctx')))
  },
})
