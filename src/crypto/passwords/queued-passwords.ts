import type { UserId } from '../../core/ids.ts'
import type { Cooperative } from '../hash-queue/cooperative.ts'
import type { HashQueue, QueueEntry } from '../hash-queue/hash-queue.ts'
import type { ForeignHash } from './foreign/parse-hash.ts'
import type { KeyedPasswords, PasswordRow } from './keyed-passwords.ts'
import type { PasswordVerification } from './password-hash.ts'

/** Password functions for one request, which waits in the hash queue of its isolate before each hash. */
export interface Passwords {
  /** Does not enter the queue. @throws AppError `unavailable` when the queue is full */
  assertCapacity(): void
  /**
   * Enters the queue before anything is counted or stored for the request. It stays there for all its hashes.
   * @throws as `assertCapacity`
   */
  enterQueue(): void
  /** Waits until few requests are before this one. Returns at once for a request that is not in the queue. */
  waitUntilNear(): Promise<void>
  /** Has no effect on a request that is not in the queue. */
  leaveQueue(): void
  /** Records that this request hashes nothing, so that hashes pause between their slices and let it run. */
  noteShortRequest(): void
  /** @throws AppError `unavailable` if it must enter the queue and that is full */
  hash(password: string, userId: UserId): Promise<string>
  /** As `KeyedPasswords.adopt`. @throws AppError `unavailable` if it must enter the queue and that is full */
  adopt(foreign: ForeignHash, userId: UserId): Promise<string>
  /** As `KeyedPasswords.check`. @throws AppError `unavailable` if it must enter the queue and that is full */
  check(password: string, stored: PasswordRow | null | undefined, decoyCost?: string): Promise<PasswordVerification>
}

/**
 * Creates the password functions for one request. If the request is not in the queue, as after its answer,
 * it enters for each hash and leaves again.
 */
export function queuedPasswords(passwords: KeyedPasswords, queue: HashQueue): Passwords {
  let kept: QueueEntry | undefined

  async function inTurn<Result>(work: Cooperative<Result>): Promise<Result> {
    const entry = kept ?? queue.enter()
    try {
      return await entry.run(work)
    } finally {
      if (entry !== kept) entry.leave()
    }
  }

  return {
    assertCapacity: () => queue.assertCapacity(),
    enterQueue() {
      kept ??= queue.enter()
    },
    waitUntilNear: async () => kept?.waitUntilNear(),
    leaveQueue() {
      kept?.leave()
      kept = undefined
    },
    noteShortRequest: () => queue.noteShortRequest(),
    hash: (password, userId) => inTurn(passwords.hash(password, userId)),
    adopt: (foreign, userId) => inTurn(passwords.adopt(foreign, userId)),
    check: (...comparison) => inTurn(passwords.check(...comparison)),
  }
}
