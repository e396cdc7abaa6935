import type { AuditEvent } from '../core/audit-event.ts'

/** What is recorded when a mailbox was proven whose account somebody else may have opened. */
export const credentialsVoided = {
  action: 'user.credentials_voided',
  outcome: 'success',
  detail: { reason: 'mailbox_proven' },
} as const satisfies AuditEvent
