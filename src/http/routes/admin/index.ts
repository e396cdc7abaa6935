import type { Route } from '../../route.ts'
import { accountChangeRoutes } from './account-changes.ts'
import { adminAuditRoutes } from './audit.ts'
import { adminErasureRoutes } from './erasures.ts'
import { adminImportRoutes } from './imports.ts'
import { adminKeyRoutes } from './keys.ts'
import { adminLockRoutes } from './locks.ts'
import { adminStatsRoutes } from './stats.ts'
import { adminUserExportRoutes } from './user-export.ts'
import { adminUserRoutes } from './users.ts'

/** Everything below `/api/v1/admin`. */
export const adminRoutes: readonly Route[] = [
  ...adminUserRoutes,
  ...accountChangeRoutes,
  ...adminLockRoutes,
  ...adminAuditRoutes,
  ...adminErasureRoutes,
  ...adminStatsRoutes,
  ...adminKeyRoutes,
  ...adminImportRoutes,
  ...adminUserExportRoutes,
]
