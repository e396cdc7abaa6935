import type { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { noMetrics } from '../core/observation.ts'
import type { HttpEnvironment, OpenForRequest } from '../http/environment.ts'
import type { MetricsFor } from '../http/middleware/observe.ts'
import { commonRoutes } from './common-routes.ts'
import { frame } from './frame.ts'
import { loadedLater, type Part, partOf } from './loaded-later.ts'

/** The HTTP side of the Worker, as the runtime calls it. */
export interface App {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response | Promise<Response>
}

/** @param metricsFor by default nothing is counted */
export function createApp(open: OpenForRequest, metricsFor: MetricsFor = () => noMetrics): App {
  const common = frame(commonRoutes, open, metricsFor)
  const loaded = new Map<Part, Hono<HttpEnvironment>>()

  // The application is kept, and no promise: one request must not wait for what another one awaits.
  async function load(part: Part): Promise<Hono<HttpEnvironment>> {
    const app = loaded.get(part) ?? frame(await loadedLater[part](), open, metricsFor)
    loaded.set(part, app)
    return app
  }

  return {
    fetch(request, env, execution) {
      const part = partOf(getPath(request))
      if (part === undefined) return common.fetch(request, env, execution)
      return load(part).then((app) => app.fetch(request, env, execution))
    },
  }
}
