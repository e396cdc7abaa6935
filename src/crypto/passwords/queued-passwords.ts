import type { UserId } from '../../core/ids.ts'
import type { Cooperative } from '../hash-queue/cooperative.ts'
import type { HashQueue, Place } from '../hash-queue/hash-queue.ts'
import type { ForeignHash } from './foreign/parse-hash.ts'
import type { KeyedPasswords, PasswordRow } from './keyed-passwords.ts'
import type { PasswordVerification } from './password-hash.ts'

/** The passwords of one request, which waits in line with the others of its isolate before each hash. */
export interface Passwords {
  /** Takes no place. @throws AppError `unavailable` when too many wait already */
  assertCapacity(): void
  /** Takes a place before anything is counted or stored for the request, kept for all its hashes.
   * @throws as `assertCapacity` */
  enterQueue(): void
  /** Waits until the turn is near. Returns at once where few are in the line. */
  waitUntilNear(): Promise<void>
  leaveQueue(): void
  /** Says that a request is here that hashes nothing, so that hashes let it in between their slices. */
  noteShortRequest(): void
  /** @throws AppError `unavailable`, unless the request has its place */
  hash(password: string, userId: UserId): Promise<string>
  /** As `KeyedPasswords.adopt`. @throws AppError `unavailable`, unless the request has its place */
  adopt(foreign: ForeignHash, userId: UserId): Promise<string>
  /** As `KeyedPasswords.check`. @throws AppError `unavailable`, unless the request has its place */
  check(password: string, stored: PasswordRow | null | undefined, decoyCost?: string): Promise<PasswordVerification>
}

/** Passwords for one request. Outside the line, as behind an answer, each hash takes a place of its own. */
export function queuedPasswords(passwords: KeyedPasswords, line: HashQueue): Passwords {
  let kept: Place | undefined

  async function inTurn<Result>(work: Cooperative<Result>): Promise<Result> {
    const place = kept ?? line.enter()
    try {
      return await place.run(work)
    } finally {
      if (place !== kept) place.leave()
    }
  }

  return {
    assertCapacity: () => line.assertCapacity(),
    enterQueue() {
      kept ??= line.enter()
    },
    waitUntilNear: async () => kept?.waitUntilNear(),
    leaveQueue() {
      kept?.leave()
      kept = undefined
    },
    noteShortRequest: () => line.pass(),
    hash: (password, userId) => inTurn(passwords.hash(password, userId)),
    adopt: (foreign, userId) => inTurn(passwords.adopt(foreign, userId)),
    check: (...comparison) => inTurn(passwords.check(...comparison)),
  }
}
