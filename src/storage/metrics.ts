import type { AlarmName } from '../core/alarm.ts'
import { type Metrics, noMetrics, type Observation } from '../core/observation.ts'

type Point = Required<Pick<AnalyticsEngineDataPoint, 'indexes' | 'blobs' | 'doubles'>>

/**
 * Metrics in Workers Analytics Engine; without a dataset nothing is counted. docs/observability.md describes
 * the columns.
 */
export function createMetrics(dataset: AnalyticsEngineDataset | undefined): Metrics {
  if (dataset === undefined) return noMetrics
  return {
    count(observation) {
      try {
        for (const point of pointsOf(observation)) dataset.writeDataPoint(point)
      } catch {
        // A failed metric must not fail the request.
      }
    },
  }
}

/**
 * One data point for each observation. Analytics Engine samples by index, so an index per route keeps a busy
 * route from thinning out a quiet one.
 */
function pointsOf(observation: Observation): Point[] {
  switch (observation.event) {
    case 'request': {
      const { event, method, route, code, status, duration_ms } = observation
      return [{ indexes: [`${method} ${route}`], blobs: [event, route, method, code], doubles: [status, duration_ms] }]
    }
    case 'queue_batch': {
      const { event, queue, messages, retried, lag_ms, duration_ms } = observation
      return [{ indexes: [queue], blobs: [event, queue], doubles: [messages, duration_ms, lag_ms, retried] }]
    }
    case 'cron_run': {
      const { event, cron, failed, lag_ms, duration_ms, backlog, alarms } = observation
      const run = { indexes: [event], blobs: [event, cron], doubles: [failed, duration_ms, lag_ms] }
      const gauges = Object.entries(backlog ?? {}).map(([gauge, value]) => gaugePoint(gauge, value))
      return [run, ...gauges, ...alarms.map(alarmPoint)]
    }
  }
}

const alarmPoint = (name: AlarmName): Point => ({ indexes: ['alarm'], blobs: ['alarm', name], doubles: [1] })

const gaugePoint = (gauge: string, value: number): Point => ({
  indexes: ['backlog'],
  blobs: ['backlog', gauge],
  doubles: [value],
})
