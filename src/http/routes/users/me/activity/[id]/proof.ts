import { route } from '../../../../../contract/contract.ts'
import { eventIdParameter } from '../../../../../id-parameter.ts'
import { sendProof } from '../../../../../send-proof.ts'

export const getActivityProofRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/activity/:id/proof',
  id: 'getActivityProof',
  area: 'Privacy',
  access: 'bearer',
  summary: 'Get the proof of an own event',
  description:
    'One file with the event as the audit log has it, and the proof that the published log has it. Ids of persons in it are pseudonyms. It can be checked without this service.',
  answers: {
    200: {
      description: 'The file. Check it with `npx --no-install latchkey receipt verify FILE --policy POLICY`.',
      raw: 'text/plain',
    },
  },
  problems: ['not_found', 'proof_not_published'],
  async handle(c) {
    const id = eventIdParameter(c)
    // Few people request it, so an isolate does not load it at start.
    const { proveActivity } = await import('../../../../../../compliance/activity/prove-activity.ts')
    return sendProof(c, await proveActivity(c.get('ctx'), c.get('principal'), id), id)
  },
})
