import { useEffect, useState } from 'preact/hooks'
import type { Export } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { EXPORT_HOURS } from '../../../../core/lifetimes.ts'
import { HOUR_MS } from '../../../../core/time.ts'
import { call } from '../../shared/client.ts'
import { usePoll } from '../../shared/use-poll.ts'

/** What has become of the latest export of a person. */
export type ExportState =
  | { readonly is: 'waiting' }
  | { readonly is: 'none' | 'failed' | 'expired' }
  | { readonly is: 'unknown'; readonly error: unknown }
  | { readonly is: 'pending'; readonly id: string }
  | { readonly is: 'ready'; readonly export: Export }

const REQUESTED = 'export.requested'

/** Shows the latest export, also if it was requested on another device. */
export function useExport() {
  const [state, show] = useState<ExportState>({ is: 'waiting' })
  const [round, setRound] = useState(0)

  useEffect(() => {
    let isCurrent = true
    find().then(
      (found) => isCurrent && show(found),
      (error: unknown) => isCurrent && show({ is: 'unknown', error }),
    )
    return () => {
      isCurrent = false
    }
  }, [round])

  usePoll(state.is === 'pending', async () => {
    if (state.is !== 'pending') return
    // Without an answer the next poll asks again.
    const found = await read(state.id).catch(() => undefined)
    if (found !== undefined) show(found)
  })

  const request = async () => {
    const { id } = await call('requestExport')
    show({ is: 'pending', id })
  }
  return { state, request, reload: () => setRound((before) => before + 1) }
}

/**
 * The latest export. The service has no list of exports, but the activity of the person names them. A file
 * that is older than it is kept is of no interest.
 */
async function find(): Promise<ExportState> {
  const { events } = await call('listActivity', { query: { limit: '100' } })
  const since = Date.now() - EXPORT_HOURS * HOUR_MS
  const requested = events.find(({ action }) => action === REQUESTED)
  const id = requested?.detail?.export_id
  if (requested === undefined || Date.parse(requested.occurred_at) < since || typeof id !== 'string')
    return { is: 'none' }
  return read(id)
}

async function read(id: string): Promise<ExportState> {
  try {
    const found = await call('getExport', { params: { id } })
    if (found.status === 'pending') return { is: 'pending', id }
    return found.status === 'failed' ? { is: 'failed' } : { is: 'ready', export: found }
  } catch (error) {
    if (isProblem(error, 'not_found')) return { is: 'expired' }
    throw error
  }
}
