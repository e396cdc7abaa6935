import { readNotedTree } from '../../../tlog/checkpoint.ts'

/** The name of the log in a note. */
export const originIn = (note: string | undefined): string | undefined => readNotedTree(note ?? '')?.head.origin
