import type { Route } from '../http/contract/definition.ts'
import { loginRoute } from '../http/routes/auth/login.ts'
import { logoutRoute } from '../http/routes/auth/logout.ts'
import { finishSocialSignInRoute } from '../http/routes/auth/oauth/[provider]/callback.ts'
import { startSocialSignInRoute } from '../http/routes/auth/oauth/[provider]/start.ts'
import { exchangeCodeRoute } from '../http/routes/auth/oauth/token.ts'
import { refreshRoute } from '../http/routes/auth/refresh.ts'
import { registerRoute } from '../http/routes/auth/register.ts'
import { resetPasswordRoute } from '../http/routes/auth/reset-password/confirm.ts'
import { requestPasswordResetRoute } from '../http/routes/auth/reset-password.ts'
import { restoreAccountRoute } from '../http/routes/auth/restore.ts'
import { checkSessionRoute } from '../http/routes/auth/session.ts'
import { stepUpRoute } from '../http/routes/auth/step-up.ts'
import { undoEmailChangeRoute } from '../http/routes/auth/undo-email.ts'
import { resendVerificationRoute } from '../http/routes/auth/verify-email/resend.ts'
import { verifyEmailRoute } from '../http/routes/auth/verify-email.ts'
import { getReadinessRoute } from '../http/routes/readyz.ts'
import { getActivityProofRoute } from '../http/routes/users/me/activity/[id]/proof.ts'
import { listActivityRoute } from '../http/routes/users/me/activity.ts'
import { decideConsentRoute } from '../http/routes/users/me/consents/[document].ts'
import { listConsentsRoute } from '../http/routes/users/me/consents.ts'
import { changeEmailRoute } from '../http/routes/users/me/email.ts'
import { downloadExportRoute } from '../http/routes/users/me/export/[id]/download.ts'
import { getExportRoute } from '../http/routes/users/me/export/[id].ts'
import { requestExportRoute } from '../http/routes/users/me/export.ts'
import { unlinkIdentityRoute } from '../http/routes/users/me/identities/[id].ts'
import { startLinkRoute } from '../http/routes/users/me/identities/[provider]/start.ts'
import { linkIdentityRoute, listIdentitiesRoute } from '../http/routes/users/me/identities.ts'
import { changePasswordRoute, removePasswordRoute } from '../http/routes/users/me/password.ts'
import { endSessionRoute } from '../http/routes/users/me/sessions/[id].ts'
import { endOtherSessionsRoute, listSessionsRoute } from '../http/routes/users/me/sessions.ts'
import { deleteMeRoute, getMeRoute, putMeRoute, updateMeRoute } from '../http/routes/users/me.ts'
import { getCheckpointRoute } from '../http/routes/well-known/audit-checkpoint.ts'
import { findPasswordPageRoute } from '../http/routes/well-known/change-password.ts'
import { getKeysRoute } from '../http/routes/well-known/jwks.json.ts'
import { getIssuerRoute } from '../http/routes/well-known/openid-configuration.ts'

/** The routes that people and applications use. Every isolate loads them when it starts. */
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
  removePasswordRoute,
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
  getActivityProofRoute,
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
