import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { eventId, lineOf, newFolder, put, signerFrom, writeLog } from './archive-fixture.ts'

const PSEUDONYM = 'pseudonym-of-a-user-00'
const SUBJECT = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'
const CREATED_AT = '2026-11-20T00:00:00.000Z'

let work: string
let folder: string
let kid: string

beforeAll(async () => {
  work = newFolder()
  folder = join(work, 'archive')
  const signer = await signerFrom('service')
  kid = signer.publicKey.kid
  const late = eventId(3, 1)
  const lineFor = (id: string) => ({
    ...lineOf(id),
    ...(id === eventId(2, 1) && { subject_id: 'pseudonym-of-another-0' }),
    ...(id === late && { occurred_at: Date.parse(CREATED_AT) + 1 }),
  })
  await writeLog(folder, { signer, segments: 3, lineFor })
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Four lines of the archive are about the person, up to the export. */
const OWN = [eventId(1, 0), eventId(1, 1), eventId(2, 0), eventId(3, 0)]

async function verify(ids: readonly string[], content?: object, args: readonly string[] = ['--key', kid]) {
  const document = content ?? {
    manifest: { subject: SUBJECT, created_at: CREATED_AT },
    data: {
      events: ids.map((id) => ({ id })),
      archive: { pseudonym: PSEUDONYM, periods: [{ first_day: '2026-10-22', days: 28, events: ids.length }] },
    },
  }
  put(work, 'export.json', JSON.stringify(document))
  return runLatchkeyHere(['audit', 'verify', '--dir', folder, '--person', join(work, 'export.json'), ...args])
}

describe('audit verify --person', () => {
  it('counts the lines of the person, and answers 0 if the export has them all', async () => {
    const { status, stdout } = await verify([...OWN, eventId(9, 0)])
    expect(stdout).toContain('the archive has 4 events of this person up to the export, and the export has them all')
    expect(stdout).toContain('1 events of the export are not in the archive yet')
    expect(status).toBe(0)
  })

  it('answers 1 and names the period if an event was taken out of the database before it was bundled', async () => {
    const { status, stdout } = await verify(OWN.slice(1))
    expect(stdout).toContain('FAILED (missing-events)')
    expect(stdout).toContain(`MISSING in the period of 2026-10-22: 1 (${OWN[0]})`)
    expect(stdout).not.toContain('OK')
    expect(status).toBe(1)
    const json = await verify(OWN.slice(1), undefined, ['--key', kid, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, person: { lines: 4, unarchived: 0 } })
  })

  it('K24 stays unanchored without a key that does not come from the archive', async () => {
    const { status, stdout } = await verify(OWN, undefined, [])
    expect(stdout).toContain('NOT ANCHORED')
    expect(status).toBe(3)
  })

  it('answers 2 for a file that is no export', async () => {
    expect((await verify([], { manifest: {} })).status).toBe(2)
  })
})
