import type { Route } from '../../contract/definition.ts'
import { verifyArchiveRoute } from './audit/verify.ts'
import { listAuditEventsRoute } from './audit.ts'
import { getErasureProofRoute } from './erasures/[user_id]/proof.ts'
import { getReceiptRoute } from './erasures/[user_id]/receipt.ts'
import { runErasuresRoute } from './erasures/run.ts'
import { listErasuresRoute } from './erasures.ts'
import { finishImportRoute } from './imports/[id]/finish.ts'
import { importUsersRoute } from './imports/[id]/users.ts'
import { getImportRoute } from './imports/[id].ts'
import { startImportRoute } from './imports.ts'
import { getKeyProgressRoute } from './keys.ts'
import { getStatsRoute } from './stats.ts'
import { exportUsersRoute } from './user-export.ts'
import { clearLockRoute } from './users/[id]/clear-lock.ts'
import { makeEnrolmentTokenRoute } from './users/[id]/enrolment-token.ts'
import { eraseUserRoute } from './users/[id]/erase.ts'
import { holdUserRoute } from './users/[id]/legal-hold.ts'
import { getLockRoute } from './users/[id]/lock.ts'
import { reactivateUserRoute } from './users/[id]/reactivate.ts'
import { requirePasswordResetRoute } from './users/[id]/require-password-reset.ts'
import { requireTwoStepRoute } from './users/[id]/require-two-step.ts'
import { cancelFactorResetRoute, resetFactorsRoute } from './users/[id]/reset-factors.ts'
import { restoreUserRoute } from './users/[id]/restore.ts'
import { revokeSessionsRoute } from './users/[id]/revoke-sessions.ts'
import { changeRolesRoute } from './users/[id]/roles.ts'
import { suspendUserRoute } from './users/[id]/suspend.ts'
import { getUserRoute } from './users/[id].ts'
import { listUsersRoute } from './users.ts'

/** All routes below `/api/v1/admin`. */
export const adminRoutes: readonly Route[] = [
  listUsersRoute,
  getUserRoute,
  reactivateUserRoute,
  revokeSessionsRoute,
  requirePasswordResetRoute,
  requireTwoStepRoute,
  restoreUserRoute,
  resetFactorsRoute,
  cancelFactorResetRoute,
  makeEnrolmentTokenRoute,
  suspendUserRoute,
  eraseUserRoute,
  holdUserRoute,
  changeRolesRoute,
  getLockRoute,
  clearLockRoute,
  listAuditEventsRoute,
  verifyArchiveRoute,
  listErasuresRoute,
  runErasuresRoute,
  getReceiptRoute,
  getErasureProofRoute,
  getStatsRoute,
  getKeyProgressRoute,
  startImportRoute,
  importUsersRoute,
  finishImportRoute,
  getImportRoute,
  exportUsersRoute,
]
