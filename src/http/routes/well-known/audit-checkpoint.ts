import { checkpointView, showCheckpoint } from '../../../compliance/archive/checkpoint-view.ts'
import { getCheckpoint } from '../../../compliance/archive/get-checkpoint.ts'
import { GENESIS } from '../../../compliance/archive/segment.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { keyExamples } from '../../examples/key-examples.ts'

export const getCheckpointRoute = route({
  method: 'GET',
  path: '/.well-known/audit-checkpoint',
  id: 'getCheckpoint',
  area: 'Discovery',
  access: 'public',
  summary: 'Newest signed head of the audit archive',
  description: 'Keep one where the operator cannot write, and a rewrite can be proven later.',
  answers: {
    200: {
      description: 'The head, its signature, and every key that ever signed one.',
      schema: checkpointView,
      example: () => showCheckpoint(GENESIS, null, [keyExamples.receiptKey]),
    },
  },
  async handle(c) {
    return answer(200, await getCheckpoint(c.get('ctx')))
  },
})
