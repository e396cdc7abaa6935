import type { SessionId } from '../../core/ids.ts'
import type { RequestFacts, SessionCache, SessionSnapshot } from '../../core/ports.ts'
import { onReturned, type Statement } from './statement.ts'

/** What telling the edge of sessions takes. */
export type SessionTeller = Pick<RequestFacts, 'defer'> & { readonly sessions: SessionCache }

/** Has the edge remember, behind the answer, the sessions that a statement returns. */
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
