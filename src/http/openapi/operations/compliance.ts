import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import { exportBundleSchema, exportRequestedSchema, exportSchema } from '../schemas.ts'

const { id, at } = examples

export const complianceOperations = {
  'POST /api/v1/users/me/export': {
    id: 'requestExport',
    summary: 'Ask for everything held about the account',
    answers: {
      202: {
        description: 'It is being collected.',
        schema: exportRequestedSchema,
        example: { id, status: 'pending' },
        headers: ['location'],
      },
    },
  },
  'GET /api/v1/users/me/export/:id': {
    id: 'getExport',
    summary: 'See how far an export is',
    answers: {
      200: {
        description: 'With a `download` path once it is ready.',
        schema: exportSchema,
        example: {
          ...{ id, status: 'ready', created_at: at, expires_at: at },
          download: `/api/v1/users/me/export/${id}/download`,
        },
      },
    },
    problems: ['not_found'],
  },
  'GET /api/v1/users/me/export/:id/download': {
    id: 'downloadExport',
    summary: 'Download an export',
    answers: {
      200: {
        description: 'The bundle: a manifest of what is kept where, why and how long, and the data.',
        schema: exportBundleSchema,
        example: { manifest: { format: 'latchkey-export/1', subject: id } },
      },
    },
    problems: ['not_found'],
  },
} as const satisfies Operations
