import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/cli/shared/usage-error.ts'
import { chunksOf } from '../../src/cli/users/chunks.ts'
import { inspectFile } from '../../src/cli/users/inspect-file.ts'
import { judgeLine } from '../../src/cli/users/judge-line.ts'
import { readLines } from '../../src/cli/users/read-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'users.ndjson')
  writeFileSync(path, content)
  return path
}

async function usersOf(path: string, from = 1): Promise<[line: number, user: unknown][]> {
  const users: [number, unknown][] = []
  for await (const chunk of chunksOf(readLines(path), from))
    users.push(...chunk.users.map((user, i): [number, unknown] => [chunk.firstLine + i, user]))
  return users
}

const ada = { email: 'ada@example.com' }
const line = JSON.stringify(ada)

describe('the lines of a file', () => {
  it.each([
    ['LF', `${line}\n${line}\n`],
    ['CRLF', `${line}\r\n${line}\r\n`],
    ['both, and no end', `${line}\r\n${line}`],
    ['a byte order mark', `\ufeff${line}\n${line}`],
    ['two byte order marks, of two files in one', `\ufeff${line}\n\ufeff${line}`],
  ])('end with %s', async (_, content) => {
    expect(await usersOf(file(content))).toEqual([
      [1, ada],
      [2, ada],
    ])
    expect((await inspectFile(file(content))).faults.size).toBe(0)
  })

  it.each(['\u2028', '\u2029', '\u0085', '\v', '\f'])('go on behind %j', async (character) => {
    const bio = `one${character}two`
    // As `jq` writes it: only characters that JSON requires to be escaped are escaped.
    const users = [{ ...ada, bio }, ada]
    const content = users.map((user) => JSON.stringify(user)).join('\n')
    expect(await usersOf(file(content))).toEqual(users.map((user, i) => [i + 1, user]))
  })

  it('keep their numbers, for any content and also when lines are skipped', async () => {
    const texts = fc.array(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant('')), { maxLength: 120 })
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 60 }), async (lines, from) => {
        const clean = lines.map((text) => text.replaceAll(/[\r\n]/g, '').toWellFormed())
        const path = file(clean.map((text) => `${text}\n`).join(''))
        const expected = clean.map((text, i) => {
          const judged = judgeLine(text.replace(/^\ufeff/, ''))
          return [i + 1, 'fault' in judged ? null : judged.user]
        })
        expect(await usersOf(path, from)).toEqual(expected.slice(from - 1))
      }),
      { numRuns: 50 },
    )
  })

  it('may be longer than one chunk of the file', async () => {
    const users = [{ bio: 'x'.repeat(59_000) }, ada, { bio: 'y'.repeat(59_000) }]
    const content = users.map((user) => JSON.stringify(user)).join('\r\n')
    expect(await usersOf(file(content))).toEqual(users.map((user, i) => [i + 1, user]))
  })
})

describe('a file of another format', () => {
  const utf16 = (text: string, swap = false) => {
    const bytes = Buffer.from(text, 'utf16le')
    return swap ? bytes.swap16() : bytes
  }

  it.each<[string, string | Uint8Array, RegExp]>([
    ['UTF-16', utf16(`\ufeff${line}\n`), /line 1: this is UTF-16/],
    ['UTF-16, big-endian', utf16(`\ufeff${line}\n`, true), /line 1: this is UTF-16/],
    ['UTF-16 without a mark', utf16(line), /line 1: this is UTF-16/],
    ['UTF-16 without a mark, big-endian', utf16(line, true), /line 1: this is UTF-16/],
    ['Latin-1', Buffer.from(`${line}\n{"full_name":"Zo\xeb"}\n`, 'latin1'), /line 2: not UTF-8, near byte 18/],
    ['cut in a character', Buffer.from(`${line}\n"☃`).subarray(0, -1), /line 2: not UTF-8, near byte 3/],
    ['a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), /line 1: not UTF-8, near byte 3/],
    ['a JSON array', `[${line},\n${line}]`, /line 1: a JSON array begins/],
    ['a JSON array behind blanks', ` \t[\n${line}]`, /line 1: a JSON array begins/],
    ['indented JSON', JSON.stringify(ada, null, 2), /line 1: an object begins that goes on/],
  ])('is refused whole, with the number of the line: %s', async (_, content, message) => {
    const refused = inspectFile(file(content))
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(message)
  })

  it.each([
    ['{"email":"a@example.com","email":"b@example.com"}', 'duplicate_member'],
    ['{"email":"a@example.com","\\u0065mail":"b@example.com"}', 'duplicate_member'],
    ['{"preferences":{"a":1,"a":2}}', 'duplicate_member'],
    ['{"preferences":{"__proto__":1}}', 'unknown_member'],
    [`{"preferences":${'['.repeat(15)}${']'.repeat(15)}}`, 'too_deep'],
    ['{"preferences":{"n":1e999}}', 'inexact_number'],
    ['{"preferences":{"n":9007199254740993}}', 'inexact_number'],
    [`{"bio":"${'x'.repeat(61_440)}"}`, 'too_large'],
    ['{}, {}', 'not_json'],
    ['email,name', 'not_json'],
    ['', 'not_json'],
  ])('has its fault named, and harms no other line: %s', async (faulty, fault) => {
    const path = file([line, faulty, line].join('\n'))
    expect((await inspectFile(path)).faults).toEqual(new Map([[2, fault]]))
    expect(await usersOf(path)).toEqual([
      [1, ada],
      [2, null],
      [3, ada],
    ])
  })

  it('is recognised by the content of its lines', async () => {
    const [one, same, other] = [`${line}\n${line}\n`, `${line}\r\n${line}`, `${line}\n`]
    const hashes = []
    for (const content of [one, same, other]) hashes.push((await inspectFile(file(content))).sha256)
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })
})
