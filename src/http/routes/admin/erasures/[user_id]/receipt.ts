import { getReceipt } from '../../../../../operators/get-receipt.ts'
import { receiptView } from '../../../../../operators/receipt-view.ts'
import { adminRoute } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { examples } from '../../../../examples/examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const getReceiptRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/erasures/:user_id/receipt',
  id: 'getReceipt',
  summary: 'Get the signed receipt of an erasure',
  answers: {
    200: {
      description: 'The receipt as a compact JWS. Check it with `npx --no-install latchkey receipt verify`.',
      schema: receiptView,
      example: () => ({ user_id: examples.id, completed_at: examples.at, receipt: 'eyJhbGciOiJFUzI1NiJ9…' }),
    },
  },
  problems: ['not_found'],
  async handle(c) {
    return answer(200, await getReceipt(c.get('ctx'), userIdParameter(c, 'user_id')))
  },
})
