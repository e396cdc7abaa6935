/** What the verifier can find wrong with an archive. */
export type ChainFindingKind =
  /** The hash of a segment differs from the hash in its checkpoint or in the header of the next segment. */
  | 'edited'
  /** An unchanged, signed segment does not have the format that this service writes. */
  | 'malformed'
  /** A segment is missing. */
  | 'gap'
  /** The header of a segment has a sequence number other than the one in its name. */
  | 'reordered'
  /** The archive holds a segment twice, or format 1 holds an event twice. */
  | 'duplicate'
  /** An event stands in two segments, with different contents. */
  | 'repeated'
  /** A checkpoint names a segment after the last one. */
  | 'truncated'
  /** The signature, type, key or contents of a checkpoint are wrong. */
  | 'forged-head'
  /** Two signed segments continue the same one, and no anchor tells which is genuine. */
  | 'forked'
  /** A segment of format 1 before the last one has no checkpoint. */
  | 'unsigned'
  /** An earlier checkpoint, kept outside the archive, does not match the segment that it names. */
  | 'rewritten'
  /** A key signed a segment after the last one in which its signature counts. */
  | 'distrusted'
  /** A tile or bundle of the log has other bytes than the segments give. */
  | 'other-tile'
  /** A tile or bundle of the log is missing. */
  | 'lost-tile'
  /** A checkpoint of the log signs another root than the segments give. */
  | 'other-root'
  /** A signature of a checkpoint of the log does not hold, or none is of the log. */
  | 'forged-note'

export interface ChainFinding {
  readonly kind: ChainFindingKind
  /** The segment that the finding is about; 0 for a file that is not a segment. */
  readonly sequence: number
  /** One sentence for a person. */
  readonly message: string
}

/** Makes a finding. */
export const found = (kind: ChainFindingKind, sequence: number, message: string): ChainFinding => ({
  kind,
  sequence,
  message,
})

/** A key signed a segment after the last one in which its signature counts. */
export const distrustedAt = (sequence: number, kid: string | undefined): ChainFinding =>
  found('distrusted', sequence, `segment ${sequence} is signed by ${kid}, which no longer counts there`)
