import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatInventory, insertInventory } from '../../scripts/inventory.ts'
import { retentionRules } from '../../src/compliance/retention.ts'
import { schemaTables } from '../support/schema-tables.ts'

const placesIn = (store: string): string[] =>
  retentionRules.filter((rule) => rule.store.startsWith(store)).map(({ place }) => place)

describe('the retention table', () => {
  it('has every table of the schema, and no other', () => {
    expect(placesIn('D1').sort()).toEqual(schemaTables.map(({ name }) => name).sort())
  })

  it('has every queue of wrangler.toml, and no other', () => {
    const named = readFileSync('wrangler.toml', 'utf8').matchAll(/^(?:queue|dead_letter_queue) = "([^"]+)"/gm)
    expect(placesIn('Queue').sort()).toEqual([...new Set([...named].map(([, name]) => name))].sort())
  })

  it('has every prefix that the code writes under in KV and R2', () => {
    expect(placesIn('KV')).toEqual(expect.arrayContaining(['session:', 'revoked:', 'dek:']))
    expect(placesIn('R2')).toEqual(
      expect.arrayContaining([
        'keys/',
        'keys/system/',
        'exports/',
        'erased/',
        'audit/',
        'checkpoints/',
        'receipt-keys/',
      ]),
    )
    const known = new Set([...placesIn('KV'), ...placesIn('R2')])
    expect(prefixesInSource().filter((prefix) => !known.has(prefix))).toEqual([])
    expect(prefixesInSource()).toEqual(
      expect.arrayContaining(['session:', 'dek:', 'keys/', 'exports/', 'audit/', 'receipts/']),
    )
  })

  it('has no place twice', () => {
    const places = retentionRules.map(({ store, place }) => `${store} ${place}`)
    expect(new Set(places).size).toBe(places.length)
  })

  it('has no cell that would break a Markdown table', () => {
    const lines = formatInventory(retentionRules).split('\n')
    expect(lines).toHaveLength(retentionRules.length + 2)
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1)
  })
})

describe('the inventory in docs/data-inventory.md', () => {
  it('is the one that the code gives (D8)', () => {
    const page = readFileSync('docs/data-inventory.md', 'utf8')
    expect(insertInventory(page, formatInventory(retentionRules))).toBe(page)
  })

  it('is written between its markers, and the text around it stays', () => {
    const text = '# A\n<!-- inventory:start -->\nold\n<!-- inventory:end -->\nrest\n'
    const once = insertInventory(text, '| new |')
    expect(once).toBe('# A\n<!-- inventory:start -->\n| new |\n<!-- inventory:end -->\nrest\n')
    expect(insertInventory(once ?? '', '| new |')).toBe(once)
  })

  it.each(['', '<!-- inventory:start -->', '<!-- inventory:end --> <!-- inventory:start -->'])(
    'is not written into %j, which lacks the markers',
    (text) => {
      expect(insertInventory(text, 'x')).toBeUndefined()
    },
  )
})

/** Literals such as `session:${…}` and 'keys/' in the code that builds names of KV and R2 entries. */
function prefixesInSource(): string[] {
  const files = [
    ...globSync('src/storage/*.ts'),
    ...globSync('src/compliance/{archive/{format,keys,verify},erasure}/{segment,old,receipt,key,archive,marker}*.ts'),
  ]
  const literal = /['`]([a-z-]+[:/])(?:\$\{|['`])/g
  const found = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(literal)].map(([, prefix]) => prefix))
  return [...new Set(found.flatMap((prefix) => prefix ?? []))]
}
