import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import {
  activitySchema,
  consentLedgerSchema,
  consentSchema,
  exportBundleSchema,
  exportRequestedSchema,
  exportSchema,
} from '../schemas.ts'

const { id, at, consent } = examples
const EVENT_ID = '01a20beb-e3d7-7000-8000-5d1c0f6c2b11'

export const complianceOperations = {
  'GET /api/v1/users/me/activity': {
    id: 'listActivity',
    summary: 'Read what happened to the account',
    answers: {
      200: {
        description: 'Audit events about the signed-in user, newest first.',
        schema: activitySchema,
        example: {
          events: [
            {
              ...{ id: EVENT_ID, occurred_at: at, action: 'session.created', outcome: 'success', by: 'you' },
              ...{ ...examples.client, detail: null },
            },
          ],
          next_cursor: EVENT_ID,
        },
        headers: ['link'],
      },
    },
  },
  'GET /api/v1/users/me/consents': {
    id: 'listConsents',
    summary: 'Read every consent, with its history',
    answers: {
      200: {
        description: 'What counts, and every decision, newest first.',
        schema: consentLedgerSchema,
        example: { consents: [consent], history: [consent] },
      },
    },
  },
  'PUT /api/v1/users/me/consents/:document': {
    id: 'decideConsent',
    summary: 'Grant or withdraw consent to a document',
    body: { version: '2026-11', decision: 'granted' },
    answers: { 200: { description: 'The decision as it was recorded.', schema: consentSchema, example: consent } },
    problems: ['validation_failed'],
  },
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
