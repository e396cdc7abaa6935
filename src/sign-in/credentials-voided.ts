import type { AuditEvent } from '../core/audit-event.ts'

/**
 * The event for an account whose credentials become void: its owner has just proven the mailbox, and another
 * person may have registered the account before.
 */
export const credentialsVoided = {
  action: 'user.credentials_voided',
  outcome: 'success',
  detail: { reason: 'mailbox_proven' },
} as const satisfies AuditEvent
