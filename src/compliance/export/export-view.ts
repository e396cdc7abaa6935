import * as z from 'zod'
import { answerSchema, named, time, type View } from '../../core/answer-schema.ts'
import type { ApiAddress } from '../../core/api-address.ts'
import { rfc3339 } from '../../core/time.ts'
import type { Row } from '../../storage/database/members.ts'
import { exports } from '../../storage/schema/index.ts'

export const exportStatuses = exports.status.enumValues
export type ExportStatus = (typeof exportStatuses)[number]

/** The answer of `POST /users/me/export`. */
export const exportRequestedView = answerSchema('ExportRequested', () => ({
  id: z.uuid(),
  status: z.enum(exportStatuses),
}))

export type ExportRequested = View<typeof exportRequestedView>

/** An export, as shown to the person who requested it. */
export const exportView = answerSchema('Export', () => ({
  id: z.uuid(),
  status: z.enum(exportStatuses),
  created_at: time(),
  expires_at: time(),
  /** Path of the bundle, once it is ready. */
  download: z.string().optional(),
}))

export type ExportView = View<typeof exportView>

/** The bundle itself. The members of `data` depend on the stores that the manifest names. */
export const exportBundleView = named('ExportBundle', () =>
  z.looseObject({ manifest: z.looseObject({ format: z.string(), subject: z.uuid() }) }),
)

export const exportRow = {
  id: exports.id,
  status: exports.status,
  created_at: exports.createdAt,
  expires_at: exports.expiresAt,
} as const

export const showExport = ({ id, status, created_at, expires_at }: Row<typeof exportRow>): ExportView => ({
  id,
  status,
  created_at: rfc3339(created_at),
  expires_at: rfc3339(expires_at),
  ...(status === 'ready' && { download: `/api/v1/users/me/export/${id}/download` satisfies ApiAddress }),
})
