import { describe, expect, it } from 'vitest'
import { formatTreeHead, parseTreeHead } from '../../src/tlog/checkpoint.ts'
import {
  cosignBody,
  createNoteSigner,
  formatNote,
  formatNoteKey,
  parseNote,
  parseNoteKey,
  signBody,
  verifyNote,
} from '../../src/tlog/note.ts'
import { findQuorumTime, meetsQuorum, parsePolicy } from '../../src/tlog/policy.ts'
import { formatLogProof, parseLogProof } from '../../src/tlog/proof-file.ts'

// The example of https://c2sp.org/signed-note.
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const EXAMPLE = `This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`

const read = (text: string) => parseNote(text) ?? expect.fail('not a note')
const readKey = (text: string) => parseNoteKey(text) ?? expect.fail('not a key')

const BODY = formatTreeHead({ origin: 'example.com/log', size: 3, root: new Uint8Array(32) })
const log = await createNoteSigner(new Uint8Array(32).fill(1), { name: 'example.com/log', type: 'log' })
const one = await createNoteSigner(new Uint8Array(32).fill(2), { name: 'witness.example/1', type: 'witness' })
const two = await createNoteSigner(new Uint8Array(32).fill(3), { name: 'witness.example/2', type: 'witness' })
const TIME = 1_800_000_000
const signatures = [await signBody(BODY, log), await cosignBody(BODY, one, TIME), await cosignBody(BODY, two, TIME + 1)]
const NOTE = formatNote({ body: BODY, signatures })

describe('a note', () => {
  it('K1 of the specification is verified by its key', async () => {
    const verified = await verifyNote(read(EXAMPLE), [readKey(EXAMPLE_KEY)])
    expect(verified).toHaveLength(1)
    expect(formatNote(read(EXAMPLE))).toBe(EXAMPLE)
    expect(formatNoteKey(readKey(EXAMPLE_KEY))).toBe(EXAMPLE_KEY)
  })

  it('K1 has the signature of the log and the times of witnesses', async () => {
    const verified = await verifyNote(read(NOTE), [log, one, two])
    expect(verified?.map(({ key, time }) => [key.name, time])).toEqual([
      ['example.com/log', undefined],
      ['witness.example/1', TIME],
      ['witness.example/2', TIME + 1],
    ])
    expect(await verifyNote(read(NOTE), [])).toEqual([])
  })

  it('K7 is refused when a byte of it, of a signature or of a time has changed', async () => {
    const changed = [NOTE.replace('\n3\n', '\n4\n')]
    for (const [i, { name, bytes }] of signatures.entries()) {
      for (const at of [4, bytes.length - 1]) {
        const other = { name, bytes: Buffer.from(bytes).fill((bytes[at] ?? 0) ^ 1, at, at + 1) }
        changed.push(formatNote({ body: BODY, signatures: signatures.with(i, other) }))
      }
    }
    for (const text of changed) expect(await verifyNote(read(text), [log, one, two])).toBeUndefined()
  })

  it('K10 is refused when a witness names a time that no date has', async () => {
    const [last, late] = await Promise.all([8.64e12, 8.64e12 + 1].map((time) => cosignBody(BODY, one, time)))
    const verify = (signature = last) => verifyNote({ body: BODY, signatures: signature ? [signature] : [] }, [one])
    expect(await verify(last)).toMatchObject([{ time: 8.64e12 }])
    expect(await verify(late)).toBeUndefined()
  })

  it.each([
    ['without a blank line', NOTE.replace('\n\n', '\n')],
    ['without a last newline', NOTE.slice(0, -1)],
    ['with a control character', NOTE.replace('example', 'exam\tple')],
    [
      'with a signature that is not base64',
      NOTE.replace('= \n', '\n').replace('\u2014 example.com/log ', '\u2014 example.com/log !'),
    ],
    ['with a hyphen for the dash', NOTE.replace('\u2014', '-')],
    [
      'with 65 signatures',
      formatNote({ body: BODY, signatures: Array.from({ length: 65 }, () => signatures[0] ?? expect.fail()) }),
    ],
  ])('K1 %s is malformed', (_, text) => {
    expect(parseNote(text)).toBeUndefined()
  })

  it('K1 of a tree is read as it was written', () => {
    expect(parseTreeHead(BODY)).toEqual({ origin: 'example.com/log', size: 3, root: Buffer.alloc(32) })
    expect(parseTreeHead(`${BODY}further\n`)?.size).toBe(3)
    for (const bad of [BODY.replace('3', '03'), BODY.replace('3', '-3'), BODY.slice(0, -1), `${BODY}\n`])
      expect(parseTreeHead(bad)).toBeUndefined()
  })
})

describe('a policy', () => {
  const [logKey, first, second] = [log, one, two].map(formatNoteKey)
  const text = (quorum: string) => `# keys
log ${logKey} https://example.com/log
witness one ${first} https://witness.example/1
 witness\ttwo ${second}

group any-of 1 one two
group both all any-of
quorum ${quorum}
`

  it.each([
    ['none', [], true],
    ['one', [one], true],
    ['one', [two], false],
    ['any-of', [two], true],
    ['both', [], false],
    ['both', [one], true],
  ])('K12 %s with %j of witnesses', (quorum, keys, expected) => {
    const verified = keys.map((key) => ({ key, time: TIME }))
    expect(meetsQuorum(parsePolicy(text(quorum)), verified)).toBe(expected)
  })

  it('K12 a signature of the log is no cosignature, also where a witness has the same public key', async () => {
    const twin = { ...log, type: 'witness' } as const
    const policy = parsePolicy(`log ${logKey}\nwitness twin ${formatNoteKey(twin)}\nquorum twin\n`)
    const signed = formatNote({ body: BODY, signatures: [await signBody(BODY, log)] })
    expect(meetsQuorum(policy, (await verifyNote(read(signed), [log, twin])) ?? [])).toBe(false)
  })

  it.each([
    ['one', [100], 100],
    ['two of three', [100, 300], 100],
    ['two of three', [100, 300, 200], 200],
    ['two of three', [300], undefined],
    ['two of three', [100, 100, 8e12], 100],
    ['none', [100], undefined],
  ])('K12 %s signed at %j since %i', (quorum, times, expected) => {
    const three = { ...two, publicKey: new Uint8Array(32), name: 'three' }
    const named = `${text('one').split('group')[0]}witness three ${formatNoteKey(three)}\ngroup of 2 one two three\n`
    const policy = parsePolicy(`${named}quorum ${quorum === 'two of three' ? 'of' : quorum}\n`)
    const signed = times.map((time, i) => ({ key: [one, two, three][i] ?? expect.fail(), time }))
    expect(findQuorumTime(policy, signed)).toBe(expected)
  })

  it.each([
    ['no quorum', 'log x'],
    ['an unknown keyword', `${text('none')}mirror x`],
    ['a second quorum', `${text('none')}quorum none`],
    ['an unknown quorum', text('three')],
    ['a witness twice', `${text('none')}witness three ${second}`],
    ['a name twice', text('none').replace('group both', 'group one')],
    ['a member that is not defined yet', text('none').replace('all any-of', 'all later')],
    ['a member of two groups', `${text('none')}group again any any-of`],
    ['a log as a witness', text('none').replace('witness one', 'witness one ').replace(String(first), String(logKey))],
    ['too high a number', text('none').replace('any-of 1', 'any-of 3')],
  ])('K12 with %s is refused', (_, bad) => {
    expect(() => parsePolicy(bad)).toThrow('line')
  })
})

describe('a proof as a file', () => {
  const proof = { index: 2, proof: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)], checkpoint: NOTE }

  it('K1 has the form of C2SP', () => {
    const text = formatLogProof(proof)
    expect(text.split('\n').slice(0, 6)).toEqual([
      'c2sp.org/tlog-proof@v1',
      'index 2',
      Buffer.alloc(32, 1).toString('base64'),
      Buffer.alloc(32, 2).toString('base64'),
      '',
      'example.com/log',
    ])
    expect(parseLogProof(text)).toEqual(proof)
    expect(parseLogProof(formatLogProof({ ...proof, proof: [] }))?.proof).toEqual([])
    expect(parseLogProof(text.replace('index', 'extra AAAA\nindex'))).toEqual(proof)
  })

  it('K9 is not read when a line is missing or changed', () => {
    const text = formatLogProof(proof)
    for (const bad of ['', text.replace('v1', 'v2'), text.replace('index 2', 'index 02'), text.replace('AQEB', 'AQE!')])
      expect(parseLogProof(bad)).toBeUndefined()
  })
})
