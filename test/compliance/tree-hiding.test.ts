import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { parseSegment } from '../../src/compliance/archive/format/segment.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { segmentPaths, textAt } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { inBucket, inDatabase, inSpace } from '../support/held-by-stores.ts'
import { deliver, unarchivedEvents } from '../support/service.ts'
import { storedTiles, treeRow } from '../support/tree.ts'

/** Spellings in which bytes could hold a text or, for ids, its bytes. */
const spellings = (text: string): Buffer[] => {
  const bits = text.replaceAll(/[^0-9a-f]/gi, '')
  return [Buffer.from(text), Buffer.from(bits, 'hex'), Buffer.from(text, 'base64url')].filter(
    ({ length }) => length > 7,
  )
}

test('K3 tiles and bundles hold no id, no pseudonym and no text of a line', async () => {
  const person = await newPerson()
  await post('/auth/login', { email: person.email, password: PASSWORD })
  expect(await deliver(await unarchivedEvents())).toBe(true)
  for (let batch = 0; batch < 3; batch++) {
    const events = Array.from({ length: 90 }, (_, i) => event(batch * 90 + i))
    await record(events)
    await deliver(events)
  }
  const paths = Object.keys(await storedTiles())
  expect(paths).toHaveLength(2)
  const tiles = await Promise.all(paths.map(async (path) => (await (await env.ARCHIVE.get(path))?.arrayBuffer()) ?? []))
  const row = await treeRow()
  const edge = Object.values(JSON.parse(row?.edge ?? '{}'))
    .flat()
    .map((one) => Buffer.from(String(one), 'base64'))
  const held = Buffer.concat([
    ...tiles.map((bytes) => Buffer.from(bytes as ArrayBuffer)),
    ...edge,
    Buffer.from(`${row?.note}`),
  ])

  const lines = (await Promise.all((await segmentPaths()).map(textAt))).flatMap(
    (text) => parseSegment(text)?.lines ?? [],
  )
  expect(lines.length).toBeGreaterThan(270)
  const texts = new Set([person.id, person.email, ...lines.flatMap((line) => Object.values(line).map(String))])
  const found = [...texts].filter((text) => text.length > 7 && spellings(text).some((bytes) => held.includes(bytes)))
  expect(found).toEqual([])

  // An entry is the digest of a line with 128 random bits, which no other store has.
  const first = lines[0]
  expect(held.includes(Buffer.from(digestOfLine(JSON.stringify(first))))).toBe(true)
  expect(held.includes(Buffer.from(digestOfLine(JSON.stringify({ ...first, nonce: '' }))))).toBe(false)
  const nonces = lines.map(({ nonce }) => nonce)
  expect(new Set(nonces).size).toBe(nonces.length)
  for (const nonce of nonces) expect(Buffer.from(nonce, 'base64url')).toHaveLength(16)
  const others = [
    ...(await inDatabase()),
    ...(await inBucket('VAULT', env.VAULT)),
    ...(await inBucket('ARCHIVE', env.ARCHIVE)).filter(({ text }) => !text.startsWith('audit/')),
    ...(await inSpace('KEY_CACHE', env.KEY_CACHE)),
    ...(await inSpace('SESSIONS', env.SESSIONS)),
  ]
  const everything = others.map(({ text }) => text).join('\n')
  expect(nonces.filter((nonce) => everything.includes(nonce))).toEqual([])
})
