import type { Route } from './contract/definition.ts'
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

/** Routes that people and applications need: an isolate loads them when it starts. */
export const commonRoutes: readonly Route[] = [
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
  getKeysRoute,
  getCheckpointRoute,
  getIssuerRoute,
  getReadinessRoute,
  findPasswordPageRoute,
]
