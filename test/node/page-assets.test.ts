import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ASSETS_MODULE, buildAssets } from '../../scripts/build-pages.ts'
import { qrScript, script, sheet } from '../../src/pages/assets.ts'

it('the script and the style sheet of the pages match their sources (npm run generate -- pages)', async () => {
  expect(readFileSync(ASSETS_MODULE, 'utf8')).toBe(await buildAssets())
})

it('they are small, load nothing, and never make HTML or code of text', () => {
  // Half of it is for the page that signs in and manages the factors.
  expect(script.text.length + sheet.text.length).toBeLessThan(49 * 1024)
  expect(qrScript.text.length).toBeLessThan(12 * 1024)
  for (const { text } of [script, qrScript])
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|import\(/)
  // The values that the redirect to a provider and back needs, in one tab, the request for a mail that signs
  // in, and nothing else.
  const uses = script.text.match(/(session|local)Storage\.\w+\(\w+/g) ?? []
  const [ofSession, ofLocal] = ['session', 'local'].map((kind) => uses.filter((use) => use.startsWith(kind)))
  expect(ofSession).toHaveLength(3)
  expect(ofLocal).toHaveLength(4)
  expect(uses.filter((use) => !/\(KEY2?$/.test(use))).toEqual([])
  expect(script.text.match(/(session|local)Storage/g)).toHaveLength(uses.length)
  for (const { text } of [script, qrScript]) expect(text).not.toMatch(/cookie|console\./)
  expect(qrScript.text).not.toMatch(/(session|local)Storage/)
  expect(sheet.text).not.toMatch(/url\(|@import/)
})
