import type { Edge } from '../../../tlog/edge.ts'

/** A checkpoint of the log, and the tree that it signs. */
export interface SignedTree {
  /** A signed note (C2SP tlog-checkpoint). */
  readonly note: string
  /** Of exactly the size and root of the note. */
  readonly edge: Edge
}

/** The checkpoint of the log that everybody sees. Its note has the cosignatures of witnesses. */
export interface PublishedLog extends SignedTree {
  /** When the note was published, which is after its quorum was met. Unix milliseconds. */
  readonly cosignedAtMs: number
}
