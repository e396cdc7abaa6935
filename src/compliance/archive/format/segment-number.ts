const SEQUENCE_DIGITS = 12

/** A sequence number, as it stands in names. Names sort in the order of the chain. */
export const inName = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0')

/** The path of a segment of format 1. */
export const oldSegmentPath = (sequence: number): string => `audit/${inName(sequence)}.ndjson`

/** The path of the checkpoint of a segment of format 1. */
export const checkpointPath = (sequence: number): string => `checkpoints/${inName(sequence)}.jws`
