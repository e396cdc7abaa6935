import { type SQL, sql } from 'drizzle-orm'
import { spentTickets } from '../schema/index.ts'
import { insertInto } from './writes.ts'

interface UsedTicket {
  readonly id: string
  readonly expiresAtMs: number
}

/** SQL condition: the ticket was not used yet. Other tickets with its id do not exist. */
export const isUnspent = ({ id }: Pick<UsedTicket, 'id'>): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM spent_tickets WHERE id = ${id})`

/**
 * Uses a ticket up.
 * @param onlyIf SQL condition: this batch has done what the ticket allows once, under `isUnspent`
 */
export const spendTicket = ({ id, expiresAtMs }: UsedTicket, onlyIf: SQL): SQL =>
  insertInto(spentTickets, { id, expires_at: expiresAtMs }, { onlyIf })
