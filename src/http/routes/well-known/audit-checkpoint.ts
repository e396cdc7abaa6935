import { checkpointView, showHead } from '../../../compliance/archive/checkpoint/checkpoint-view.ts'
import { GENESIS } from '../../../compliance/archive/format/chain-head.ts'
import { CHECKPOINT_SECONDS } from '../../../core/lifetimes.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { keyExamples } from '../../examples/key-examples.ts'

const CACHEABLE = { 'cache-control': `public, max-age=${CHECKPOINT_SECONDS}` }

export const getCheckpointRoute = route({
  method: 'GET',
  path: '/.well-known/audit-checkpoint',
  id: 'getCheckpoint',
  area: 'Discovery',
  access: 'public',
  summary: 'Get the latest checkpoint of the audit archive',
  description:
    'Moves every five minutes at most, and is cached for a minute. Keep a copy where the operator cannot write: it proves later whether the archive was rewritten.',
  answers: {
    200: {
      description:
        'The head of the archive and its signature, the checkpoint of the log as a signed note (C2SP tlog-checkpoint), and the keys that the service stands by: derived from its root keys, or endorsed by such a key.',
      schema: checkpointView,
      example: () => ({
        ...showHead(GENESIS, null, { keys: [keyExamples.receiptKey], logKeys: [keyExamples.logKey] }),
        note: keyExamples.note,
      }),
    },
  },
  async handle(c) {
    // Few clients request it, so an isolate does not load it at start.
    const { getPublishedCheckpoint } = await import(
      '../../../compliance/archive/checkpoint/get-published-checkpoint.ts'
    )
    return answer(200, await getPublishedCheckpoint(c.get('ctx')), CACHEABLE)
  },
})
