import * as z from 'zod'
import type { Context, StatementReading } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import type { BelieveMarkers } from '../../core/ports.ts'
import { day } from '../../core/time.ts'
import { openStatements } from './open-statements.ts'

const schema = z.strictObject({ user_id: z.string(), day: z.iso.date() })

/** Signs the statement that a user was erased. It names the day, and no finer time. */
export const signMarker = ({ receipts, now }: Pick<Context, 'receipts' | 'now'>, userId: UserId): Promise<string> =>
  receipts.sign('latchkey-erased+jws', { user_id: userId, day: day(now) })

/**
 * Makes the function that decides which markers count: those that a key signed which a trusted root key
 * derives, or which endorsements reach. A marker of a distrusted version does not count, because the person
 * whose data it would destroy may never have been erased.
 */
export function believeMarkers(ctx: Omit<StatementReading, 'vaultStatements'>): BelieveMarkers {
  const open = openStatements(ctx)
  return async (markers) => {
    const believed = await Promise.all(
      markers.map(async ({ userId, statement }) => {
        const read = schema.safeParse(statement && (await open('latchkey-erased+jws', statement)))
        return read.success && read.data.user_id === userId ? [userId] : []
      }),
    )
    return believed.flat()
  }
}
