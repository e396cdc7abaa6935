import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCsv } from '../../src/http/csv.ts'

/** Parses CSV by RFC 4180. */
function parseCsv(text: string): string[][] {
  expect(text.startsWith('\ufeff"')).toBe(true)
  const rows = text.slice(1).match(/(?:"(?:[^"]|"")*"(?:,|\r\n))+?(?<=\r\n)/g) ?? []
  return rows.map((row) => [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"')))
}

const cellOf = (value: unknown) => parseCsv(formatCsv(['a'], [{ a: value }]))[1]?.[0]

describe('CSV', () => {
  it('quotes every cell and ends every line', () => {
    expect(formatCsv(['a', 'b'], [{ a: 'x "y"', b: 1 }])).toBe('\ufeff"a","b"\r\n"x ""y""","1"\r\n')
  })

  it('begins with a byte order mark, so that spreadsheets read UTF-8', () => {
    const bytes = new TextEncoder().encode(formatCsv(['a'], [{ a: 'Zoë' }]))
    expect([...bytes.slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x22])
  })

  it.each([';', 'a;b', 'a\tb', 'a\rb', 'a\nb', '";"'])('keeps %j in one cell, for every separator', (text) => {
    const [, line = ''] = /^\ufeff"a"\r\n(.*)\r\n$/s.exec(formatCsv(['a'], [{ a: text }])) ?? []
    expect(line).toMatch(/^"(?:[^"]|"")*"$/)
  })

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    ' =1+1',
    '\u00a0=1+1',
    '＝1+1',
    "=cmd|' /C calc'!A0",
    '"=1+1',
  ])('makes %j text, so that no spreadsheet runs it', (text) => {
    expect(cellOf(text)).toBe(text.startsWith('"') ? text : `'${text}`)
  })

  it.each(['', 'Mozilla/5.0 (X11)', '2026-11-24T04:58:58.391Z', '{"reason":"abuse"}', "'=1", 'a=b', 'a\r\nb,c'])(
    'leaves %j as it is',
    (text) => {
      expect(cellOf(text)).toBe(text)
    },
  )

  it('writes an empty cell for null and undefined, and JSON for an object', () => {
    expect([cellOf(null), cellOf(undefined), cellOf({ a: [1] })]).toEqual(['', '', '{"a":[1]}'])
  })

  it('reads back unchanged except for the apostrophe, and no cell starts a formula', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string() }), { maxLength: 5 }),
        (rows) => {
          const [, ...read] = parseCsv(formatCsv(['a', 'b'], rows))
          expect(read.map((cells) => cells.length)).toEqual(rows.map(() => 2))
          for (const [i, cells] of read.entries()) {
            for (const [j, cell] of cells.entries()) {
              const written = Object.values(rows[i] ?? {})[j] ?? ''
              expect([written, `'${written}`]).toContain(cell)
              expect(cell).not.toMatch(/^[\s]*[=+\-@]/)
            }
          }
        },
      ),
    )
  })
})
