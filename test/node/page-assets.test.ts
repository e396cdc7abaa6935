import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ASSETS_MODULE, buildAssets } from '../../scripts/build-pages.ts'
import { qrScript, script, sheet } from '../../src/pages/assets.ts'

it('the script and the style sheet of the pages match their sources (npm run generate -- pages)', async () => {
  expect(readFileSync(ASSETS_MODULE, 'utf8')).toBe(await buildAssets())
})

it('they are small, load nothing, and never make HTML or code of text', () => {
  // Half of it is for the page that signs in and manages the factors.
  expect(script.text.length + sheet.text.length).toBeLessThan(40 * 1024)
  expect(qrScript.text.length).toBeLessThan(12 * 1024)
  for (const { text } of [script, qrScript])
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|import\(/)
  // The values that the redirect to a provider and back needs, in one tab, and nothing else.
  const kept = script.text.match(/sessionStorage.*/g) ?? []
  expect(kept.map((use) => /^sessionStorage\.\w+\(KEY/.test(use))).toEqual([true, true, true])
  for (const { text } of [script, qrScript]) expect(text).not.toMatch(/localStorage|cookie|console\./)
  expect(sheet.text).not.toMatch(/url\(|@import/)
})
