import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { segmentPath } from '../../src/compliance/archive/format/segment-path.ts'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { projectArchive } from '../../src/compliance/archive/tree/project-archive.ts'
import { readTree } from '../../src/compliance/archive/tree/tree-state.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { formatNoteKey } from '../../src/tlog/note.ts'
import { textAt } from './archive.ts'
import { jobContext } from './job-context.ts'
import { rows } from './service.ts'
import { change } from './stores.ts'

const sha256 = (...parts: (string | Uint8Array)[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** The root of leaves, as RFC 6962 defines it. Written without the code that is tested. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length < 2) return leaves[0] ?? sha256()
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

/** The event lines of all segments up to one, as they are in the archive. */
export async function linesUpTo(segment: number, lastOld = 0): Promise<string[]> {
  const nameKey = (await (await jobContext()).logVault.findNameKey()) ?? new Uint8Array()
  const texts = await Promise.all(
    Array.from({ length: segment }, (_, i) =>
      textAt(i < lastOld ? oldSegmentPath(i + 1) : segmentPath(nameKey, i + 1)),
    ),
  )
  // The first line is the header. In format 2 the last one is the checkpoint.
  return texts.flatMap((text, i) => text.split('\n').slice(1, i < lastOld ? -1 : -2))
}

async function logKeys(): Promise<string[]> {
  const ctx = await jobContext()
  const { derived } = await deriveLogKeys(ctx, originOf(ctx.settings))
  return derived.map(({ key }) => formatNoteKey(key))
}

/** The root that a tree over the first lines must have. */
const rootOver = (lines: readonly string[]): Uint8Array =>
  rootOf(lines.map((line) => sha256(Uint8Array.of(0, 2), sha256(line))))

/**
 * Checks that each of these notes is about a tree over the first lines, so that none contradicts another.
 * With `npm run test:log`, they are also kept for a judge.
 */
export async function expectPrefixes(notes: readonly string[], lines: readonly string[]): Promise<void> {
  const { JUDGE } = env as Env & { readonly JUDGE?: Fetcher }
  const { origin } = new URL('https://judge.test')
  await JUDGE?.fetch(origin, { method: 'POST', body: JSON.stringify({ notes, lines, keys: await logKeys() }) })
  for (const note of notes) {
    const [origin = '', digits] = note.split('\n')
    const size = Number(digits)
    expect(size).toBeLessThanOrEqual(lines.length)
    expect(note.startsWith(formatTreeHead({ origin, size, root: rootOver(lines.slice(0, size)) }))).toBe(true)
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The full tiles and bundles of a tree over lines: digests of their bytes by path. */
function tilesOver(lines: readonly string[]): Record<string, string> {
  const digests = lines.map((line) => sha256(line))
  const tiles: Record<string, string> = {}
  const name = (level: number | string, index: number) => `log/tile/${level}/${String(index).padStart(3, '0')}`
  const eachFull = (hashes: readonly Uint8Array[], visit: (index: number, full: readonly Uint8Array[]) => void) => {
    for (let i = 0; i < Math.floor(hashes.length / 256); i++) visit(i, hashes.slice(i * 256, (i + 1) * 256))
  }
  eachFull(digests, (index, full) => {
    const entries = full.flatMap((one) => [Uint8Array.of(0, 33, 2), one])
    tiles[name('entries', index)] = hex(sha256(Buffer.concat(entries)))
  })
  let hashes = digests.map((one) => sha256(Uint8Array.of(0, 2), one))
  for (let level = 0; hashes.length >= 256; level++) {
    const above: Uint8Array[] = []
    eachFull(hashes, (index, full) => {
      tiles[name(level, index)] = hex(sha256(Buffer.concat(full)))
      above.push(rootOf(full))
    })
    hashes = above
  }
  return tiles
}

/** The objects of the tree in the archive: digests of their bytes by path. */
export async function storedTiles(): Promise<Record<string, string>> {
  const tiles: Record<string, string> = {}
  const { objects } = await env.ARCHIVE.list({ prefix: 'log/' })
  for (const { key } of objects) tiles[key] = hex(sha256((await (await env.ARCHIVE.get(key))?.bytes()) ?? ''))
  return tiles
}

/**
 * Checks that the tree is that of all lines up to a segment, and that the archive has its full tiles and
 * nothing else.
 * @returns the text of its note
 */
export async function expectTree(segment: number, { lastOld = 0, using = env } = {}): Promise<string> {
  const tree = await readTree(await jobContext(Date.now(), using))
  const lines = await linesUpTo(segment, lastOld)
  expect(tree?.segment).toBe(segment)
  expect(tree?.note).toContain(
    formatTreeHead({ origin: tree?.head.origin ?? '', size: lines.length, root: rootOver(lines) }),
  )
  expect(await storedTiles()).toEqual(tilesOver(lines))
  return tree?.note ?? ''
}

/** The row of the tree, as the database has it. */
export const treeRow = async () =>
  (await rows<{ segment: number; edge: string; note: string }>('SELECT segment, edge, note FROM log_tree'))[0]

type TreeRow = Awaited<ReturnType<typeof treeRow>>

/** Puts a row back, or removes it. */
export async function putTreeRow(row: TreeRow): Promise<void> {
  await change('DELETE FROM log_tree')
  if (row) await change('INSERT INTO log_tree VALUES (1, ?, ?, ?, 1)', row.segment, row.edge, row.note)
}

export async function deleteTiles(): Promise<void> {
  const { objects } = await env.ARCHIVE.list({ prefix: 'log/' })
  for (const { key } of objects) await env.ARCHIVE.delete(key)
}

/** Makes up for what the consumer did not append, as the cron does. */
export const project = async (using: Env = env): Promise<void> => projectArchive(await jobContext(Date.now(), using))
