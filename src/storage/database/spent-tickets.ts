import { type SQL, sql } from 'drizzle-orm'
import { spentTickets } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { insertInto, onConflict } from './writes.ts'

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
export const spendTicket = ({ id, expiresAtMs }: UsedTicket, onlyIf: SQL): SQL => sql`
  ${insertInto(spentTickets, { id, expires_at: expiresAtMs }, { onlyIf })} ${onConflict([spentTickets.id])}`

const takenTicket = { id: spentTickets.id } as const

/**
 * Uses a ticket up before what it allows is judged, so that a wrong answer cannot be followed by another one.
 * @returns one row in the one request that has used it up
 */
export const takeTicket = ({ id, expiresAtMs }: UsedTicket, onlyIf: SQL): Statement<Row<typeof takenTicket>> =>
  withRows(
    takenTicket,
    sql`
      ${insertInto(spentTickets, { id, expires_at: expiresAtMs }, { onlyIf })}
      ${onConflict([spentTickets.id])} RETURNING ${columnsOf(takenTicket)}`,
  )

interface UsedChallenge {
  /** From the ticket. */
  readonly challenge: string
  readonly expiresAtMs: number
}

/** The same for the challenge of a ticket that itself stays usable. */
export const spendChallenge = (
  { challenge, expiresAtMs }: UsedChallenge,
  onlyIf: SQL,
): Statement<Row<typeof takenTicket>> => takeTicket({ id: challenge, expiresAtMs }, onlyIf)
