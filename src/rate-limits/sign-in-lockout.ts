import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { BlindIndexes } from '../crypto/blind-index.ts'
import { deviceTokenTime, readDeviceToken } from '../crypto/device-token.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { areWithinQuota, type CountRow, clearCounts, countUp, isOver, isUsedUp } from '../storage/database/counters.ts'
import type { Runnable, Statement } from '../storage/database/statement.ts'
import { lockoutCountersFor, type NamedCounter } from './counters-for.ts'

/** What the attempts to sign in to one address are counted by. An unknown address locks like a known one. */
export interface SignInLockout {
  /** Failures within a window, and failures in a row. */
  readonly address: readonly NamedCounter[]
  /** The same for a device token that is good for this address; empty without one. */
  readonly device: readonly NamedCounter[]
  /** SQL condition: the device token is no older than the password. */
  readonly isDeviceCurrent: SQL
}

/** What an attempt was reserved on, or that there is none left. */
export type Reservation = 'device' | 'address' | 'locked'

/** A device token as it came, and the indexes of the address that is to be signed in to. */
interface PresentedDevice {
  readonly token: string
  readonly pendingIndexes: Promise<BlindIndexes>
}

/** The counters of an address, and of the device token that came along, if it is good for this address. */
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
 * SQL condition: the password of this address was not changed after a time. Who once knew a password may have
 * gathered device tokens by signing in many times; each would be good for a hundred guesses at the next
 * password. Index `users_email_index`.
 */
const isCurrent = (indexes: BlindIndexes, mintedAtMs: number): SQL => sql`
  NOT EXISTS (
    SELECT 1 FROM users u JOIN credentials c ON c.user_id = u.id
    WHERE u.email_index IN ${indexes} AND c.changed_at > ${mintedAtMs})`

const readNonce = ({ ring, now }: Pick<Context, 'ring' | 'now'>, { canonical }: EmailAddress, token: string) =>
  readDeviceToken(ring, token, { canonicalEmail: canonical, now })

/**
 * Reserves an attempt before anything is compared: on the device token, and on the address only without one
 * or when it is used up. An attempt that the window refuses is no failure in a row: a flood would otherwise
 * end the row at once.
 * @param onlyIf SQL condition without which nothing is counted
 */
export function countAttempt(lock: SignInLockout, now: number, onlyIf?: SQL): Statement<CountRow> {
  const { address, device, isDeviceCurrent } = lock
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

/** SQL condition, behind `countAttempt` in one batch: it found no attempt. */
export const isLockedOut = ({ address, device, isDeviceCurrent }: SignInLockout): SQL =>
  device.length === 0
    ? sql`NOT ${areWithinQuota(address)}`
    : sql`NOT ${areWithinQuota(address)} AND NOT (${isDeviceCurrent} AND ${areWithinQuota(device)})`

/** What came of `countAttempt`. */
export function judgeReservation({ address, device }: SignInLockout, counted: readonly CountRow[]): Reservation {
  const areWithin = (counters: readonly NamedCounter[]) => counters.length > 0 && !isOver(counters, counted)
  if (areWithin(device)) return 'device'
  return areWithin(address) ? 'address' : 'locked'
}

/**
 * SQL: what a right password takes back. It ends the row of failures however it was counted; the address's
 * window stays for one that was counted on a device token, because those failures are a stranger's.
 */
export function forgetFailures({ address, device }: SignInLockout, reservation: Reservation): Runnable {
  const inARow = address.filter(({ policy }) => policy === 'sign-in-in-a-row')
  return clearCounts(reservation === 'device' ? [...device, ...inARow] : address)
}
