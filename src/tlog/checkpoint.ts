import { HASH_BYTES, type Hash } from './merkle.ts'
import { fromBase64, type Note, parseNote, toBase64 } from './note.ts'

/** What a checkpoint of a log says (https://c2sp.org/tlog-checkpoint). */
export interface TreeHead {
  /** The name of the log. */
  readonly origin: string
  /** Leaves. */
  readonly size: number
  readonly root: Hash
}

/** The body of the note that signs a tree. */
export const formatTreeHead = ({ origin, size, root }: TreeHead): string => `${origin}\n${size}\n${toBase64(root)}\n`

const HEAD = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]{44})\n(?:[^\n]+\n)*$/

/**
 * Reads the body of a note. Further lines are allowed, and mean nothing here.
 * @returns undefined if malformed
 */
export function parseTreeHead(body: string): TreeHead | undefined {
  const [, origin = '', digits = '', encoded = ''] = HEAD.exec(body) ?? []
  const [size, root] = [Number(digits), fromBase64(encoded)]
  return origin !== '' && Number.isSafeInteger(size) && root?.length === HASH_BYTES ? { origin, size, root } : undefined
}

/** A signed note of a log, and the tree that it is about. */
export interface NotedTree {
  readonly note: Note
  readonly head: TreeHead
}

/** Reads a checkpoint, and checks no signature. @returns undefined if the text is not the note of a log */
export function readNotedTree(text: string): NotedTree | undefined {
  const note = parseNote(text)
  const head = note && parseTreeHead(note.body)
  return note && head && { note, head }
}
