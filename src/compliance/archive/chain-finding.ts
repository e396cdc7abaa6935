/** What the verifier can find wrong with an archive. */
export type ChainFindingKind =
  /** A segment's hash is not what its checkpoint or the next segment's header says. */
  | 'edited'
  /** A segment that nobody changed since it was signed, or a name, is not what this service writes. */
  | 'malformed'
  /** A segment is missing. */
  | 'gap'
  /** A segment's header says that it belongs elsewhere. */
  | 'reordered'
  /** An event or a segment is there twice. */
  | 'duplicate'
  /** A checkpoint speaks of a segment after the last one. */
  | 'truncated'
  /** A checkpoint's signature, type, key or contents are wrong. */
  | 'forged-head'
  /** A segment before the last one has no checkpoint. */
  | 'unsigned'
  /** An earlier checkpoint that somebody kept does not match the segment now in its place. */
  | 'rewritten'

export interface ChainFinding {
  readonly kind: ChainFindingKind
  /** The segment it is about; 0 for a file that is no segment. */
  readonly sequence: number
  /** One sentence for a person. */
  readonly message: string
}
