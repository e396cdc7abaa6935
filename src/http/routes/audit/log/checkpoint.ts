import { route } from '../../../contract/contract.ts'
import { READABLE_BY_ALL } from './headers.ts'

const HEADERS = {
  ...READABLE_BY_ALL,
  'content-type': 'text/plain; charset=utf-8',
  // C2SP tlog-tiles: not beyond a few seconds.
  'cache-control': 'public, max-age=5',
}

export const getLogCheckpointRoute = route({
  method: 'GET',
  path: '/audit/log/checkpoint',
  id: 'getLogCheckpoint',
  area: 'Discovery',
  access: 'public',
  burstLimit: 'BURST_LOG',
  summary: 'Get the checkpoint of the audit log',
  description:
    'A signed note (C2SP tlog-checkpoint). Moves every five minutes at most. `/audit/log` is the prefix of a log as C2SP tlog-tiles defines it: tiles are at `/audit/log/tile/<L>/<N>[.p/<W>]`, and entries at `/audit/log/tile/entries/<N>[.p/<W>]`.',
  problems: ['not_found'],
  answers: { 200: { description: 'The note that is published.', raw: 'text/plain' } },
  async handle(c) {
    const { getLogCheckpoint } = await import('../../../../compliance/archive/checkpoint/get-log-checkpoint.ts')
    return c.body(await getLogCheckpoint(c.get('ctx')), 200, HEADERS)
  },
})
