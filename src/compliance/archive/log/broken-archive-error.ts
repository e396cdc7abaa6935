/**
 * The archive cannot be continued: an object that this service did not write is in the way, or the stores do
 * not agree. No message may be acknowledged. An alarm was raised.
 */
export class BrokenArchiveError extends Error {
  override readonly name = 'BrokenArchiveError'
}
