import { plainRoute } from '../../../contract/definition.ts'
import { READABLE_BY_ALL } from './headers.ts'

const PREFIX = '/audit/log/'

const HEADERS = {
  ...READABLE_BY_ALL,
  'content-type': 'application/octet-stream',
  'cache-control': 'public, max-age=31536000, immutable',
}

/**
 * Tiles and entries of the audit log (C2SP tlog-tiles). The number of parts of such a path depends on the
 * tile, which an OpenAPI document cannot describe.
 */
export const tileRoute = plainRoute({
  method: 'GET',
  path: `${PREFIX}tile/*`,
  access: 'public',
  burstLimit: 'BURST_LOG',
  async handle(c) {
    const { getLogTile } = await import('../../../../compliance/archive/checkpoint/get-log-tile.ts')
    return c.body(await getLogTile(c.get('ctx'), c.req.path.slice(PREFIX.length)), 200, HEADERS)
  },
})
