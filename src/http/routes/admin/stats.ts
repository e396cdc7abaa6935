import { ONE_FACTOR, TWO_FACTORS } from '../../../core/assurance.ts'
import type { AuditAction } from '../../../core/audit-event.ts'
import type { JobName } from '../../../core/job-name.ts'
import { getStats } from '../../../operators/get-stats.ts'
import { statsView } from '../../../operators/stats-view.ts'
import { adminRoute } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { examples } from '../../examples/examples.ts'
import { operatorExamples } from '../../examples/operator-examples.ts'

const PURGE = 'purge' satisfies JobName

export const getStatsRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/stats',
  id: 'getStats',
  summary: 'Get service statistics',
  answers: {
    200: {
      description: 'Totals, and counts for the last hour and day.',
      schema: statsView,
      example: () => ({
        ...{
          users: { active: 120, admins: 2 },
          two_step: { active_users: { [ONE_FACTOR]: 90, [TWO_FACTORS]: 30 }, admins_without: 0 },
          passkeys: [{ rp_id: examples.passkeySignal().rp_id, count: 25, other_domain: false }],
          registered_last_day: 4,
          last_hour: { 'user.signed_in': 31 } satisfies Partial<Record<AuditAction['action'], number>>,
        },
        erasures: operatorExamples.openErasures(),
        jobs: [{ job: PURGE, last_finished_at: examples.at }],
        audit: {
          archived_events: 340,
          segments: 12,
          late_events: 0,
          dead_letters: 0,
          rejected_events: 0,
          published_events: 338,
          published_at: '2026-11-30T12:00:00.000Z',
        },
        mail: { open_jobs: 0, oldest_open_at: null },
        alarms: [{ name: 'dead_letters', since: examples.at, last_at: examples.at, count: 1 }],
      }),
    },
  },
  async handle(c) {
    return answer(200, await getStats(c.get('ctx')))
  },
})
