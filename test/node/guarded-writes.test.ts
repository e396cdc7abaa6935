import { globSync, readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'vite'
import { describe, expect, test } from 'vitest'
import { sentEvent } from '../../src/storage/database/outbox-columns.ts'
import { writes } from '../support/guarded-writes.ts'
import { raceSizes } from '../support/race-sizes.ts'

const WRITES = 'src/storage/database/writes.ts'

const WRITE =
  /\b(?:INSERT INTO|UPDATE(?: OR IGNORE)?|DELETE FROM)\s+(?:[a-z_]+|\$\{(?:sql\.identifier|[a-z]\w+\}))|\b(?:insert(?:Into|Rows)|changeUser)\(\s*[a-z][\w.]+,/

const writing = globSync('src/**/*.{ts,tsx}')
  .filter((path) => !path.startsWith('src/cli/') && path !== WRITES && WRITE.test(readFileSync(path, 'utf8')))
  .map((path) => path.slice('src/'.length))
  .sort()

describe('writes to the database', () => {
  test('are all listed, and nothing else is', () => {
    expect(Object.keys(writes).sort()).toEqual(writing)
  })

  const races = Object.entries(writes).flatMap(([path, entry]) => ('race' in entry ? [{ path, race: entry.race }] : []))
  test.each(races)('have a test that sends several of them at once: $path', ({ race: [file, title] }) => {
    const text = readFileSync(file, 'utf8')
    const at = text.indexOf(title)
    expect(at, `${file} has no test named ${title}`).toBeGreaterThan(0)
    const declared = text.slice(text.lastIndexOf('.each(', at), at)
    expect(declared, `${file}: ${title}`).toMatch(/^\.each\((?:SIZES|\[1, \.\.\.SIZES\])\)\(\s*'[^']*$/)
    expect(text, file).toContain("import { SIZES } from '")
  })

  test('are raced by 2 and 16, and by 100 where it is repeated', () => {
    expect(raceSizes).toEqual({ everyTime: '2,16', deep: '2,16,100' })
  })
})

/**
 * SQL that writes or returns columns without taking them from the schema. `?` stands for an inserted value.
 */
const BARE_COLUMNS = /\bINSERT INTO\b.*|\b(?:SET|RETURNING)\s+(?:[^?\s]|\?\s*,).*|\bON CONFLICT\s*\(.*|\bexcluded\.\w+/g

/** Of all templates in the code of a file. */
function bareColumns(code: string): string[] {
  if (!/\b(?:INSERT|SET|RETURNING|CONFLICT|excluded)\b/.test(code)) return []
  const found: string[] = []
  new Visitor({
    TemplateLiteral({ quasis }) {
      const text = quasis.map(({ value }) => value.raw).join('?')
      found.push(...[...text.matchAll(BARE_COLUMNS)].map(([bare]) => bare))
    },
  }).visit(parseSync('statements.ts', code).program)
  return found
}

/** A file without its comments. */
const codeOf = (path: string): string => readFileSync(path, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '')

/** Files of `src` whose code contains the text. Comments are not searched. */
const filesWith = (text: string): string[] =>
  globSync('src/**/*.{ts,tsx}')
    .filter((path) => codeOf(path).includes(text))
    .map((path) => path.slice('src/'.length))

/** The columns of `audit_events` that a seal covers. */
const SEALED: readonly string[] = Object.keys(sentEvent).filter((column) => column !== 'seal')

describe('a statement', () => {
  // The test of no-ops puts none between a change and its event, and recognises an event by this condition.
  // It would miss another event with the same condition.
  test('uses `changes()` only in `recorded`', () => {
    expect(filesWith('changes()')).toEqual(['storage/database/recorded.ts'])
  })

  // An event without a seal is not archived.
  test('K22 inserts an event with its seal: in the outbox, and for events that a restore has lost', () => {
    const inserting = /\bINSERT INTO audit_events\b|\binsert(?:Into|Rows)\(\s*auditEvents\b/
    const paths = globSync('src/**/*.{ts,tsx}').filter((path) => inserting.test(codeOf(path)))
    expect(paths.sort()).toEqual([
      'src/compliance/archive/log/advance-log.ts',
      'src/storage/database/outbox.ts',
      'src/storage/database/record-event-list.ts',
    ])
    for (const path of paths) expect(codeOf(path)).toMatch(/\n {4,6}seal: /)
  })

  // A purge removes the ids of its person, seals anew what was sealed, and empties rows of another form.
  test('K22 changes a part of an event that its seal covers only in a purge', () => {
    const changing = globSync('src/**/*.{ts,tsx}').filter((path) =>
      [...codeOf(path).matchAll(/assignments\(auditEvents, \{([^}]*)/g)].some(([, members = '']) =>
        SEALED.some((column) => new RegExp(`\\b${column}\\b`).test(members)),
      ),
    )
    expect(changing).toEqual(['src/compliance/erasure/erase-events.ts'])
  })

  // The compiler then reports a renamed column, before the statement runs. The witness is another Worker,
  // with a database of its own.
  test('names the columns that it writes or answers with by the schema', () => {
    const bare = globSync('src/!(witness)/**/*.ts').flatMap((path) =>
      path === WRITES ? [] : bareColumns(readFileSync(path, 'utf8')).map((found) => `${path}: ${found}`),
    )
    expect(bare).toEqual([])
  })

  test.each([
    'INSERT INTO users (id) VALUES (1)',
    'UPDATE users SET\n  status = 1',
    'UPDATE users SET ?, is_verified = 1',
    'ON CONFLICT (id) DO NOTHING',
    'ON CONFLICT DO UPDATE SET status = 1',
    'WHERE status = excluded.status',
    'DELETE FROM users RETURNING id',
    'DELETE FROM users RETURNING ?, status',
  ])('is seen to name one without it: %s', (text) => {
    expect(text).toMatch(BARE_COLUMNS)
  })

  // A condition is `whether`, a value that a row answers is a boolean, and a column encodes its value.
  test('has no boolean that was made a number by hand', () => {
    const byHand = /\$\{[^}]* \? (?:1 : 0|0 : 1)\}|\.is_\w+ === [01]\b/
    const files = globSync('src/**/*.{ts,tsx}').filter((path) => byHand.test(codeOf(path)))
    expect(files).toEqual([])
  })

  test('has no type of its rows beside it', () => {
    expect(filesWith('sql<')).toEqual([])
  })
})
