/**
 * Why another service gave no answer. `forbidden`: requests to this address are not allowed; `unreachable`:
 * no connection, or it broke; `timed_out`: the answer was not complete in time; `too_large`: it has more
 * bytes than the caller takes.
 */
type OutboundFailure = 'forbidden' | 'unreachable' | 'timed_out' | 'too_large'

/** What logs and `last_error` show. */
const names = {
  forbidden: 'OutboundForbidden',
  unreachable: 'OutboundUnreachable',
  timed_out: 'TimeoutError',
  too_large: 'OutboundTooLarge',
} as const satisfies Record<OutboundFailure, string>

/** A request to another service got no answer. Carries no text from outside, no address and no cause. */
export class OutboundError extends Error {
  readonly failure: OutboundFailure

  constructor(failure: OutboundFailure) {
    super(`no answer from outside: ${failure}`)
    this.name = names[failure]
    this.failure = failure
  }
}
