import { type Note, type NoteKey, type SignatureLine, verifyNote } from '../../../tlog/note.ts'

/** A signature of a witness that holds. */
export interface Cosignature {
  readonly key: NoteKey
  readonly line: SignatureLine
  /** Unix seconds. */
  readonly time: number
}

/**
 * Finds the newest valid cosignature of a witness. Lines of other keys, and lines that do not hold, are
 * passed over.
 */
export async function findCosignature({ body, signatures }: Note, key: NoteKey): Promise<Cosignature | undefined> {
  let newest: Cosignature | undefined
  for (const line of signatures) {
    const [found] = (await verifyNote({ body, signatures: [line] }, [key])) ?? []
    if (found?.time !== undefined && found.time > (newest?.time ?? 0)) newest = { key, line, time: found.time }
  }
  return newest
}
