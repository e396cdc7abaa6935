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
import { loginRoute } from './routes/auth/login.ts'
import { logoutRoute } from './routes/auth/logout.ts'
import { finishSocialSignInRoute } from './routes/auth/oauth/[provider]/callback.ts'
import { startSocialSignInRoute } from './routes/auth/oauth/[provider]/start.ts'
import { exchangeCodeRoute } from './routes/auth/oauth/token.ts'
import { refreshRoute } from './routes/auth/refresh.ts'
import { registerRoute } from './routes/auth/register.ts'
import { resetPasswordRoute } from './routes/auth/reset-password/confirm.ts'
import { requestPasswordResetRoute } from './routes/auth/reset-password.ts'
import { restoreAccountRoute } from './routes/auth/restore.ts'
import { checkSessionRoute } from './routes/auth/session.ts'
import { stepUpRoute } from './routes/auth/step-up.ts'
import { undoEmailChangeRoute } from './routes/auth/undo-email.ts'
import { resendVerificationRoute } from './routes/auth/verify-email/resend.ts'
import { verifyEmailRoute } from './routes/auth/verify-email.ts'
import { docsPageRoutes } from './routes/docs.ts'
import { livezRoute } from './routes/livez.ts'
import { getDocumentRoute } from './routes/openapi.json.ts'
import { getReadinessRoute } from './routes/readyz.ts'
import { listActivityRoute } from './routes/users/me/activity.ts'
import { decideConsentRoute } from './routes/users/me/consents/[document].ts'
import { listConsentsRoute } from './routes/users/me/consents.ts'
import { changeEmailRoute } from './routes/users/me/email.ts'
import { downloadExportRoute } from './routes/users/me/export/[id]/download.ts'
import { getExportRoute } from './routes/users/me/export/[id].ts'
import { requestExportRoute } from './routes/users/me/export.ts'
import { unlinkIdentityRoute } from './routes/users/me/identities/[id].ts'
import { startLinkRoute } from './routes/users/me/identities/[provider]/start.ts'
import { linkIdentityRoute, listIdentitiesRoute } from './routes/users/me/identities.ts'
import { changePasswordRoute } from './routes/users/me/password.ts'
import { endSessionRoute } from './routes/users/me/sessions/[id].ts'
import { endOtherSessionsRoute, listSessionsRoute } from './routes/users/me/sessions.ts'
import { deleteMeRoute, getMeRoute, putMeRoute, updateMeRoute } from './routes/users/me.ts'
import { getCheckpointRoute } from './routes/well-known/audit-checkpoint.ts'
import { findPasswordPageRoute } from './routes/well-known/change-password.ts'
import { getKeysRoute } from './routes/well-known/jwks.json.ts'
import { getIssuerRoute } from './routes/well-known/openid-configuration.ts'

/** Every route of the service, but for `/livez`, which needs nothing to answer. */
export const routes: readonly Route[] = [
  registerRoute,
  loginRoute,
  refreshRoute,
  logoutRoute,
  restoreAccountRoute,
  stepUpRoute,
  checkSessionRoute,
  requestPasswordResetRoute,
  resetPasswordRoute,
  changePasswordRoute,
  verifyEmailRoute,
  resendVerificationRoute,
  undoEmailChangeRoute,
  changeEmailRoute,
  startSocialSignInRoute,
  finishSocialSignInRoute,
  exchangeCodeRoute,
  listIdentitiesRoute,
  linkIdentityRoute,
  startLinkRoute,
  unlinkIdentityRoute,
  listSessionsRoute,
  endOtherSessionsRoute,
  endSessionRoute,
  getMeRoute,
  deleteMeRoute,
  putMeRoute,
  updateMeRoute,
  listActivityRoute,
  listConsentsRoute,
  decideConsentRoute,
  requestExportRoute,
  getExportRoute,
  downloadExportRoute,
  ...adminRoutes,
  getKeysRoute,
  getCheckpointRoute,
  getIssuerRoute,
  getReadinessRoute,
  ...accountRoutes,
  findPasswordPageRoute,
  getDocumentRoute(() => routes),
  ...docsPageRoutes,
]

/** The HTTP side of the Worker. @param metricsFor by default nothing is counted */
export function createApp(open: OpenForRequest, metricsFor: MetricsFor = () => noMetrics): Hono<HttpEnvironment> {
  // One regular expression for all routes. It refuses a pair of paths that it cannot tell apart, such as /users/export
  // beside /users/:id/lock; Hono's default would quietly take a router that is slower for every route.
  const app = new Hono<HttpEnvironment>({ router: new RegExpRouter() })
  app.use(observe(metricsFor))
  app.use(harden)
  app.use(allowOrigins)
  app.get(livezRoute.path, (c) => {
    c.set('route', livezRoute.path)
    return livezRoute.handle(c, undefined, undefined)
  })
  app.use(requireHttps)
  for (const definition of routes) mount(app, definition, open)
  const openContext = withContext(open, { route: undefined })
  app.notFound(async (c) => {
    // A Worker that is not configured says so on every path.
    await openContext(c, async () => undefined)
    const allow = methodsFor([livezRoute, ...routes], c.req.path)
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
