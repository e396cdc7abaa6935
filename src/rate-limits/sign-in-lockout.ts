import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { BlindIndexes } from '../crypto/blind-index.ts'
import { deviceTokenTime, readDeviceToken } from '../crypto/device-token.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { areWithinQuota, type CountRow, clearCounts, countUp, isOver, isUsedUp } from '../storage/database/counters.ts'
import type { Runnable, Statement } from '../storage/database/statement.ts'
import { lockoutCountersFor, type NamedCounter } from './counters-for.ts'

/** The counters of attempts to sign in to one address. An unknown address is locked out like a known one. */
export interface SignInLockout {
  /** Failures within a window, and failures in a row. */
  readonly address: readonly NamedCounter[]
  /** The same for a device token that is valid for this address. Empty without one. */
  readonly device: readonly NamedCounter[]
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
  const [inWindow, inARow, nonce] = await Promise.all([
    lockoutCountersFor(ctx, 'sign-in', { email }),
    lockoutCountersFor(ctx, 'sign-in-in-a-row', { email }),
    pendingNonce,
  ])
  const deviceCounters = await Promise.all(
    nonce === undefined
      ? []
      : (['sign-in', 'sign-in-in-a-row'] as const).map((policy) => lockoutCountersFor(ctx, policy, { device: nonce })),
  )
  return {
    address: [...inWindow, ...inARow],
    device: deviceCounters.flat(),
    isDeviceCurrent:
      device === undefined || nonce === undefined
        ? sql`false`
        : isCurrent(await device.pendingIndexes, deviceTokenTime(nonce)),
  }
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
 * Reserves an attempt before a password is compared. Uses the device token's counters, and the address's only
 * if there is no token or its attempts are used up. An attempt that the window refuses does not count as a
 * failure in a row. Otherwise a flood would use up the failures in a row at once.
 * @param onlyIf SQL condition: while it does not hold, nothing is counted
 */
export function countAttempt(lockout: SignInLockout, now: number, onlyIf?: SQL): Statement<CountRow> {
  const { address, device, isDeviceCurrent } = lockout
  const isAddressAsked = device.length === 0 ? sql`true` : sql`(${isUsedUp(device, now)} OR NOT ${isDeviceCurrent})`
  const [inWindow, ...inARow] = address
  if (inWindow === undefined) return countUp(device, now, onlyIf)
  const counters = [
    { ...inWindow, onlyIf: isAddressAsked },
    ...inARow.map((counter) => ({ ...counter, onlyIf: sql`${isAddressAsked} AND NOT ${isUsedUp([inWindow], now)}` })),
    ...device.map((counter) => ({ ...counter, onlyIf: isDeviceCurrent })),
  ]
  return countUp(counters, now, onlyIf)
}

/** SQL condition, after `countAttempt` in one batch: it has reserved no attempt. */
export const isLockedOut = ({ address, device, isDeviceCurrent }: SignInLockout): SQL =>
  device.length === 0
    ? sql`NOT ${areWithinQuota(address)}`
    : sql`NOT ${areWithinQuota(address)} AND NOT (${isDeviceCurrent} AND ${areWithinQuota(device)})`

/** Reads the result of `countAttempt`. */
export function judgeReservation({ address, device }: SignInLockout, counted: readonly CountRow[]): Reservation {
  const areWithin = (counters: readonly NamedCounter[]) => counters.length > 0 && !isOver(counters, counted)
  if (areWithin(device)) return 'device'
  return areWithin(address) ? 'address' : 'locked'
}

/**
 * SQL: clears counters after a correct password. Failures in a row are cleared in both cases. If the attempt
 * was reserved on a device token, the address's window is kept, because other clients caused its failures.
 */
export function forgetFailures({ address, device }: SignInLockout, reservation: Reservation): Runnable {
  const inARow = address.filter(({ policy }) => policy === 'sign-in-in-a-row')
  return clearCounts(reservation === 'device' ? [...device, ...inARow] : address)
}
