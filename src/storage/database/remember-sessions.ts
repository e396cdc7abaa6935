import type { SessionId } from '../../core/ids.ts'
import type { RequestFacts, SessionCache, SessionSnapshot } from '../../core/ports.ts'
import { onReturned, type Statement } from './statement.ts'

/** Dependencies of `rememberSessions`. */
export type SessionTeller = Pick<RequestFacts, 'defer'> & { readonly sessions: SessionCache }

/** Writes snapshots of the sessions that a statement returns to KV, after the answer has been sent. */
export const rememberSessions = <Row>(
  { defer, sessions }: SessionTeller,
  statement: Statement<Row>,
  snapshotOf: (row: Row) => SessionSnapshot & { readonly sessionId: SessionId },
): Statement<Row> =>
  onReturned(statement, (rows) => {
    if (rows.length === 0) return
    const snapshots = rows.map(snapshotOf)
    defer(Promise.all(snapshots.map(({ sessionId, ...snapshot }) => sessions.remember(sessionId, snapshot))))
  })
