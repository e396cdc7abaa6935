import { env } from 'cloudflare:workers'

export interface CountedEnv {
  readonly env: Env
  readonly points: Required<AnalyticsEngineDataPoint>[]
}

/** The environment with a dataset in the test's hands bound as METRICS, as an operator may add one. */
export function countedEnv(using: Env = env): CountedEnv {
  const points: Required<AnalyticsEngineDataPoint>[] = []
  const writeDataPoint = (point: AnalyticsEngineDataPoint) => points.push(point as Required<AnalyticsEngineDataPoint>)
  return { env: withMetrics({ writeDataPoint }, using), points }
}

/** The environment with a dataset bound as METRICS. @param dataset by default the machine's own */
export const withMetrics = (
  dataset: object = (env as Env & { readonly TEST_METRICS: AnalyticsEngineDataset }).TEST_METRICS,
  using: Env = env,
): Env => ({ ...using, METRICS: dataset }) as Env
