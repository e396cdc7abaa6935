import { parseTreeHead } from '../../../tlog/checkpoint.ts'
import { parseNote } from '../../../tlog/note.ts'

/** The name of the log in a note. */
export const originIn = (note: string | undefined): string | undefined =>
  parseTreeHead(parseNote(note ?? '')?.body ?? '')?.origin
