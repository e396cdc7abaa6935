import { env } from 'cloudflare:workers'

export interface CountedEnv {
  readonly env: Env
  readonly points: Required<AnalyticsEngineDataPoint>[]
}

/** The environment with a dataset of the test's own bound as METRICS, which an operator may add. */
export function countedEnv(using: Env = env): CountedEnv {
  const points: Required<AnalyticsEngineDataPoint>[] = []
  const writeDataPoint = (point: AnalyticsEngineDataPoint) => points.push(point as Required<AnalyticsEngineDataPoint>)
  return { env: withMetrics({ writeDataPoint }, using), points }
}

/** The environment with a dataset bound as METRICS. @param dataset the default is that of Miniflare */
export const withMetrics = (
  dataset: object = (env as Env & { readonly TEST_METRICS: AnalyticsEngineDataset }).TEST_METRICS,
  using: Env = env,
): Env => ({ ...using, METRICS: dataset }) as Env
