import { Hono } from 'hono'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { ConfigError } from '../config.ts'
import { AppError } from '../core/errors.ts'
import { describeFailure } from '../core/failure.ts'
import { log } from '../core/log.ts'
import { noMetrics } from '../core/observation.ts'
import type { Route } from './contract/definition.ts'
import { methodsFor, mount } from './contract/mount.ts'
import type { HttpContext, HttpEnvironment, OpenForRequest } from './environment.ts'
import { allowOrigins } from './middleware/cors.ts'
import { harden, requireHttps } from './middleware/harden.ts'
import { type MetricsFor, observe } from './middleware/observe.ts'
import { withContext } from './middleware/open-context.ts'
import { problemResponse } from './problem.ts'
import { answerRefusal } from './refusal.ts'
import { accountRoutes } from './routes/account.ts'
import { adminRoutes } from './routes/admin/index.ts'
import { loginRoutes } from './routes/auth/login.ts'
import { logoutRoutes } from './routes/auth/logout.ts'
import { oauthCallbackRoutes } from './routes/auth/oauth/[provider]/callback.ts'
import { oauthStartRoutes } from './routes/auth/oauth/[provider]/start.ts'
import { oauthTokenRoutes } from './routes/auth/oauth/token.ts'
import { refreshRoutes } from './routes/auth/refresh.ts'
import { registerRoutes } from './routes/auth/register.ts'
import { confirmPasswordResetRoutes } from './routes/auth/reset-password/confirm.ts'
import { resetPasswordRoutes } from './routes/auth/reset-password.ts'
import { restoreRoutes } from './routes/auth/restore.ts'
import { sessionCheckRoutes } from './routes/auth/session.ts'
import { stepUpRoutes } from './routes/auth/step-up.ts'
import { undoEmailRoutes } from './routes/auth/undo-email.ts'
import { resendVerificationRoutes } from './routes/auth/verify-email/resend.ts'
import { verifyEmailRoutes } from './routes/auth/verify-email.ts'
import { docsPageRoutes } from './routes/docs.ts'
import { openapiRoutes } from './routes/openapi.json.ts'
import { readyzRoutes } from './routes/readyz.ts'
import { activityRoutes } from './routes/users/me/activity.ts'
import { consentRoutes } from './routes/users/me/consents/[document].ts'
import { consentsRoutes } from './routes/users/me/consents.ts'
import { ownEmailRoutes } from './routes/users/me/email.ts'
import { exportDownloadRoutes } from './routes/users/me/export/[id]/download.ts'
import { exportStatusRoutes } from './routes/users/me/export/[id].ts'
import { exportRoutes } from './routes/users/me/export.ts'
import { identityRoutes } from './routes/users/me/identities/[id].ts'
import { linkTicketRoutes } from './routes/users/me/identities/[provider]/start.ts'
import { identitiesRoutes } from './routes/users/me/identities.ts'
import { ownPasswordRoutes } from './routes/users/me/password.ts'
import { sessionRoutes } from './routes/users/me/sessions/[id].ts'
import { sessionsRoutes } from './routes/users/me/sessions.ts'
import { meRoutes } from './routes/users/me.ts'
import { auditCheckpointRoutes } from './routes/well-known/audit-checkpoint.ts'
import { changePasswordRoutes } from './routes/well-known/change-password.ts'
import { jwksRoutes } from './routes/well-known/jwks.json.ts'
import { openidConfigurationRoutes } from './routes/well-known/openid-configuration.ts'

/** Every route of the service, but for `/livez`, which needs nothing to answer. */
export const routes: readonly Route[] = [
  ...registerRoutes,
  ...loginRoutes,
  ...refreshRoutes,
  ...logoutRoutes,
  ...restoreRoutes,
  ...stepUpRoutes,
  ...sessionCheckRoutes,
  ...resetPasswordRoutes,
  ...confirmPasswordResetRoutes,
  ...ownPasswordRoutes,
  ...verifyEmailRoutes,
  ...resendVerificationRoutes,
  ...undoEmailRoutes,
  ...ownEmailRoutes,
  ...oauthStartRoutes,
  ...oauthCallbackRoutes,
  ...oauthTokenRoutes,
  ...identitiesRoutes,
  ...linkTicketRoutes,
  ...identityRoutes,
  ...sessionsRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...activityRoutes,
  ...consentsRoutes,
  ...consentRoutes,
  ...exportRoutes,
  ...exportStatusRoutes,
  ...exportDownloadRoutes,
  ...adminRoutes,
  ...jwksRoutes,
  ...auditCheckpointRoutes,
  ...openidConfigurationRoutes,
  ...readyzRoutes,
  ...accountRoutes,
  ...changePasswordRoutes,
  ...openapiRoutes(() => routes),
  ...docsPageRoutes,
]

const LIVENESS_PATH = '/livez'

/** The HTTP side of the Worker. @param metricsFor by default nothing is counted */
export function createApp(open: OpenForRequest, metricsFor: MetricsFor = () => noMetrics): Hono<HttpEnvironment> {
  // One regular expression for all routes. It refuses a pair of paths that it cannot tell apart, such as /users/export
  // beside /users/:id/lock; Hono's default would quietly take a router that is slower for every route.
  const app = new Hono<HttpEnvironment>({ router: new RegExpRouter() })
  app.use(observe(metricsFor))
  app.use(harden)
  app.use(allowOrigins)
  app.get(LIVENESS_PATH, (c) => {
    c.set('route', LIVENESS_PATH)
    return c.json({ status: 'ok' })
  })
  app.use(requireHttps)
  for (const definition of routes) mount(app, definition, open)
  const openContext = withContext(open, { route: undefined })
  app.notFound(async (c) => {
    // A Worker that is not configured says so on every path.
    await openContext(c, async () => undefined)
    const allow = c.req.path === LIVENESS_PATH ? ['GET', 'HEAD'] : methodsFor(routes, c.req.path)
    return problemResponse(
      c,
      allow.length === 0 ? new AppError('not_found') : new AppError('method_not_allowed', { allow }),
    )
  })
  app.onError((error, c) => answerRefusal(c, toAppError(error, c)))
  return app
}

/** Anything that is not ours to tell becomes a code, and a log line without the error's message. */
function toAppError(error: Error, c: HttpContext): AppError {
  if (error instanceof AppError) return error
  if (error instanceof ConfigError) {
    log('error', 'misconfigured', { settings: error.settings })
    return new AppError('misconfigured')
  }
  const { name, code, isTransient } = describeFailure(error)
  log('error', 'request_failed', { request_id: c.get('requestId'), error: name, code })
  return new AppError(isTransient ? 'unavailable' : 'internal_error')
}
