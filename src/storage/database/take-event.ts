import { tryStoredObject } from '../../core/json.ts'
import type { Outbox } from '../../core/ports.ts'
import type { EventWithSeal, MadeEvent, SealedEvent } from '../../core/sealed-event.ts'
import { auditEvents } from '../schema/index.ts'
import type { Row } from './members.ts'

/** The parts of a stored event that only the database may know, and the id. */
export const storedParts = {
  id: auditEvents.id,
  outcome: auditEvents.outcome,
  actor_id: auditEvents.actorId,
  subject_id: auditEvents.subjectId,
  detail: auditEvents.detail,
} as const

/**
 * Adds the message of an event that the database has stored to the outbox. The database is believed about the
 * parts that only it knows, if they have the form of such parts, and about nothing else. The seal of the
 * message covers them too.
 */
export function takeStored(
  { events, seal }: Outbox,
  { event, fromDatabase, mayLackSubject }: MadeEvent,
  row: Row<typeof storedParts>,
): EventWithSeal {
  const read = fromDatabase.filter((part) => isWellFormed[part](row))
  const known: SealedEvent = {
    ...event,
    ...(mayLackSubject && row.subject_id === null && { subject_id: null }),
    ...(read.includes('actor') && { actor_id: row.actor_id }),
    ...(read.includes('subject') && { subject_id: row.subject_id }),
    ...(read.includes('outcome') && { outcome: row.outcome }),
    ...(read.includes('detail') && { detail: row.detail }),
  }
  const unread = fromDatabase.filter((part) => !read.includes(part))
  const message = { ...known, seal: seal(known, unread) }
  events.set(event.id, message)
  return message
}

/**
 * Adds the message of an event that the database should have stored and did not. The parts that only the
 * database knows are missing.
 */
export function takeSuppressed(outbox: Outbox, { event, fromDatabase }: MadeEvent): void {
  outbox.isSuppressed = true
  outbox.events.set(event.id, { ...event, seal: outbox.seal(event, fromDatabase) })
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const isIdOrNull = (value: string | null): boolean => value === null || ID.test(value)

const isWellFormed = {
  actor: ({ actor_id }: Row<typeof storedParts>) => isIdOrNull(actor_id),
  subject: ({ subject_id }: Row<typeof storedParts>) => isIdOrNull(subject_id),
  outcome: ({ outcome }: Row<typeof storedParts>) => outcome === 'success' || outcome === 'failure',
  detail: ({ detail }: Row<typeof storedParts>) => detail === null || tryStoredObject(detail) !== undefined,
} as const
