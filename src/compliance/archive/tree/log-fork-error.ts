/** The tree of the segments contradicts a note that this service signed. Nothing is signed. */
export class LogForkError extends Error {
  override readonly name = 'LogForkError'
}
