import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { BlindIndexes } from '../crypto/blind-index.ts'
import { deviceTokenTime, readDeviceToken } from '../crypto/device-token.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { clearCounts } from '../storage/database/counters.ts'
import {
  areFailuresUsedUp,
  countFailure,
  type FailureCounter,
  type FailureRow,
  forgetFailuresInARow,
  isReserved,
  isWithinFailures,
  rowsOfFailures,
} from '../storage/database/failure-counts.ts'
import type { Runnable, Statement } from '../storage/database/statement.ts'
import { lockoutCountersFor, type Subjects } from './counters-for.ts'

/** The counters of attempts to sign in to one address. An unknown address is locked out like a known one. */
export interface SignInLockout {
  readonly address: FailureCounter
  /** The same for a device token that is valid for this address. Undefined without one. */
  readonly device: FailureCounter | undefined
  /** SQL condition: the device token is no older than the password. */
  readonly isDeviceCurrent: SQL
}

/**
 * The counter on which an attempt was reserved. `locked`: no attempt is left, and the password must not be
 * compared.
 */
export type Reservation = 'device' | 'address' | 'locked'

/** A presented device token, and the blind indexes of the address that signs in. */
interface PresentedDevice {
  readonly token: string
  readonly pendingIndexes: Promise<BlindIndexes>
}

/** The counters of an address, and of the presented device token if it is valid for this address. */
export async function signInLockoutFor(
  ctx: Pick<Context, 'ring' | 'settings' | 'now'>,
  email: EmailAddress,
  device?: PresentedDevice,
): Promise<SignInLockout> {
  const pendingNonce = device && readNonce(ctx, email, device.token)
  const [address, nonce] = await Promise.all([failureCounterFor(ctx, { email }), pendingNonce])
  return {
    // Otherwise a flood, which needs no more than the address, would use up the failures in a row at once.
    address: { ...address, skipsRefused: true },
    device: nonce === undefined ? undefined : await failureCounterFor(ctx, { device: nonce }),
    isDeviceCurrent:
      device === undefined || nonce === undefined
        ? sql`false`
        : isCurrent(await device.pendingIndexes, deviceTokenTime(nonce)),
  }
}

async function failureCounterFor(
  ctx: Pick<Context, 'ring' | 'settings'>,
  subject: Pick<Subjects, 'email' | 'device'>,
): Promise<FailureCounter> {
  const [[recent], [inARow]] = await Promise.all([
    lockoutCountersFor(ctx, 'sign-in', subject),
    lockoutCountersFor(ctx, 'sign-in-in-a-row', subject),
  ])
  if (recent === undefined || inARow === undefined) throw new TypeError('a lockout policy has no quota for its subject')
  return { key: inARow.key, inARow: inARow.quota, recent: recent.quota, formerKey: recent.key }
}

/**
 * SQL condition: the password of this address has not been changed after a time. An attacker who once knew
 * the password could collect device tokens by signing in many times. Each would allow a hundred guesses at
 * the next password. Index `users_email_index`.
 */
const isCurrent = (indexes: BlindIndexes, mintedAtMs: number): SQL => sql`
  NOT EXISTS (
    SELECT 1 FROM users u JOIN credentials c ON c.user_id = u.id
    WHERE u.email_index IN ${indexes} AND c.changed_at > ${mintedAtMs})`

const readNonce = ({ ring, now }: Pick<Context, 'ring' | 'now'>, { canonical }: EmailAddress, token: string) =>
  readDeviceToken(ring, token, { canonicalEmail: canonical, now })

/**
 * Reserves an attempt before a password is compared. Uses the device token's counter, and the address's only
 * if there is no token or its attempts are used up.
 * @param onlyIf SQL condition: while it does not hold, nothing is counted
 */
export function countAttempt(lockout: SignInLockout, now: number, onlyIf: SQL = sql`true`): Statement<FailureRow> {
  const { address, device, isDeviceCurrent } = lockout
  if (device === undefined) return countFailure([address], now, onlyIf)
  const isAddressAsked = sql`(${areFailuresUsedUp(device, now)} OR NOT ${isDeviceCurrent})`
  return countFailure(
    [
      { ...address, onlyIf: isAddressAsked },
      { ...device, onlyIf: isDeviceCurrent },
    ],
    now,
    onlyIf,
  )
}

/** SQL condition, after `countAttempt` in one batch: it has reserved no attempt. */
export const isLockedOut = ({ address, device, isDeviceCurrent }: SignInLockout): SQL =>
  device === undefined
    ? sql`NOT ${isWithinFailures(address)}`
    : sql`NOT ${isWithinFailures(address)} AND NOT (${isDeviceCurrent} AND ${isWithinFailures(device)})`

/** Reads the result of `countAttempt`. */
export function judgeReservation({ address, device }: SignInLockout, counted: readonly FailureRow[]): Reservation {
  if (device && isReserved(device, counted)) return 'device'
  return isReserved(address, counted) ? 'address' : 'locked'
}

/**
 * SQL: clears counts after a correct password. Failures in a row are cleared in both cases. If the attempt
 * was reserved on a device token, the recent failures of the address are kept, because other clients caused
 * them.
 */
export const forgetFailures = ({ address, device }: SignInLockout, reservation: Reservation): readonly Runnable[] =>
  device && reservation === 'device'
    ? [clearCounts(rowsOfFailures(device)), forgetFailuresInARow(address)]
    : [clearCounts(rowsOfFailures(address))]
