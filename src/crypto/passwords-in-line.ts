import type { UserId } from '../core/ids.ts'
import type { Sliced } from '../core/sliced.ts'
import type { Place, WaitingLine } from '../core/waiting-line.ts'
import type { ForeignHash } from './foreign/parse-hash.ts'
import type { KeyedPasswords, PasswordRow } from './keyed-passwords.ts'
import type { PasswordVerification } from './password-hash.ts'

/** The passwords of one request, which waits in line with the others of its isolate before each hash. */
export interface Passwords {
  /** Takes no place. @throws AppError `unavailable` when too many wait already */
  requireRoom(): void
  /** Takes a place before anything is counted or stored for the request, kept for all its hashes.
   * @throws as `requireRoom` */
  enterLine(): void
  /** Waits until the turn is near. Returns at once where few are in the line. */
  approach(): Promise<void>
  leaveLine(): void
  /** Says that a request is here that hashes nothing, so that hashes let it in between their slices. */
  passLine(): void
  /** @throws AppError `unavailable`, unless the request has its place */
  hash(password: string, userId: UserId): Promise<string>
  /** As `KeyedPasswords.adopt`. @throws AppError `unavailable`, unless the request has its place */
  adopt(foreign: ForeignHash, userId: UserId): Promise<string>
  /** As `KeyedPasswords.check`. @throws AppError `unavailable`, unless the request has its place */
  check(password: string, stored: PasswordRow | null | undefined, decoyCost?: string): Promise<PasswordVerification>
}

/** Passwords for one request. Outside the line, as behind an answer, each hash takes a place of its own. */
export function passwordsInLine(passwords: KeyedPasswords, line: WaitingLine): Passwords {
  let kept: Place | undefined

  async function inTurn<Result>(work: Sliced<Result>): Promise<Result> {
    const place = kept ?? line.enter()
    try {
      return await place.run(work)
    } finally {
      if (place !== kept) place.leave()
    }
  }

  return {
    requireRoom: () => line.requireRoom(),
    enterLine() {
      kept ??= line.enter()
    },
    approach: async () => kept?.approach(),
    leaveLine() {
      kept?.leave()
      kept = undefined
    },
    passLine: () => line.pass(),
    hash: (password, userId) => inTurn(passwords.hash(password, userId)),
    adopt: (foreign, userId) => inTurn(passwords.adopt(foreign, userId)),
    check: (...comparison) => inTurn(passwords.check(...comparison)),
  }
}
