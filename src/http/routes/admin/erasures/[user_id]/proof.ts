import { getErasureProof } from '../../../../../operators/get-erasure-proof.ts'
import { adminRoute } from '../../../../contract/admin-route.ts'
import { userIdParameter } from '../../../../id-parameter.ts'
import { sendProof } from '../../../../send-proof.ts'

export const getErasureProofRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/erasures/:user_id/proof',
  id: 'getErasureProof',
  summary: 'Get the proof of an erasure',
  description:
    'One file for the person: the receipt, the event that names it, and the proof that the published log has that event. It can be checked without this service.',
  answers: {
    200: {
      description: 'The file. Check it with `npx --no-install latchkey receipt verify FILE --policy POLICY`.',
      raw: 'text/plain',
    },
  },
  problems: ['not_found', 'proof_not_published'],
  async handle(c) {
    const userId = userIdParameter(c, 'user_id')
    return sendProof(c, await getErasureProof(c.get('ctx'), userId), userId)
  },
})
