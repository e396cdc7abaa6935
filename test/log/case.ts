import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTreeHead, type TreeHead } from '../../src/tlog/checkpoint.ts'
import { entryOf } from '../../src/tlog/entry.ts'
import type { Hash } from '../../src/tlog/merkle.ts'
import {
  cosignBody,
  createNoteSigner,
  formatNote,
  formatNoteKey,
  type NoteSigner,
  signBody,
} from '../../src/tlog/note.ts'
import { put } from '../node/archive-fixture.ts'
import { type GrownLog, partialTiles } from '../support/log-trees.ts'

export const ORIGIN = 'id.example/audit'

export const signerOf = (seed: number, type: NoteSigner['type'], name = ORIGIN): Promise<NoteSigner> =>
  createNoteSigner(new Uint8Array(32).fill(seed), { name, type })

/** A note, as the judge reads it. */
export interface JudgedNote {
  readonly note: string
  readonly keys: readonly string[]
  /** Signatures that must hold; 0 if the note must be refused. */
  readonly holds: number
}

/** Signs a tree head by a log, and cosigns it by witnesses. */
export async function signHead(
  head: TreeHead,
  { log, witnesses = [] }: { readonly log: NoteSigner; readonly witnesses?: readonly NoteSigner[] },
): Promise<JudgedNote> {
  const body = formatTreeHead(head)
  const cosignatures = await Promise.all(witnesses.map((one, i) => cosignBody(body, one, 1_796_083_200 + i)))
  const note = formatNote({ body, signatures: [await signBody(body, log), ...cosignatures] })
  return { note, keys: [log, ...witnesses].map(formatNoteKey), holds: 1 + witnesses.length }
}

export type Claim = { readonly size: number; readonly proof: readonly Hash[] } & (
  | { readonly leaf: number }
  | { readonly old: number }
)

const base64 = (hash: Hash): string => Buffer.from(hash).toString('base64')

interface Case {
  readonly log: GrownLog
  readonly notes: readonly JudgedNote[]
  readonly claims?: readonly Claim[]
}

/** Writes a log for the judge. */
export function writeCase(folder: string, { log, notes, claims = [] }: Case): void {
  put(folder, 'entries', Buffer.concat(log.digests.map(entryOf)))
  for (const [path, bytes] of [...log.tiles, ...partialTiles(log.edge)]) put(folder, path, bytes)
  put(folder, 'notes.json', JSON.stringify(notes))
  const lines = claims.map(({ proof, ...claim }) => JSON.stringify({ ...claim, proof: proof.map(base64) }))
  put(folder, 'proofs', lines.map((line) => `${line}\n`).join(''))
}

/** A folder that is deleted at the end of its block. */
export function ownFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-log-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
