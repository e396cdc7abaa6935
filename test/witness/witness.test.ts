import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parseTreeHead } from '../../src/tlog/checkpoint.ts'
import { createNoteSigner, formatNoteKey, parseNote, verifyNote } from '../../src/tlog/note.ts'
import { parsePolicy } from '../../src/tlog/policy.ts'
import witness from '../../src/witness/index.ts'
import type { WitnessEnv } from '../../src/witness/witness-settings.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { interceptStores } from '../support/intercept-stores.ts'
import { SIZES } from '../support/sizes.ts'
import { createSmallLog, submission } from '../support/small-log.ts'
import { makeWitnessTables, WITNESS_NAME, WITNESS_SEED, witnessEnv } from '../support/witness.ts'

const log = await createSmallLog({ origin: 'service.example/audit' })
/** The same origin and key, and other leaves. */
const fork = await createSmallLog({ origin: log.origin, content: 1 })
const stranger = await createSmallLog({ origin: 'other.example/audit', key: 2 })
const key = await createNoteSigner(WITNESS_SEED, { name: WITNESS_NAME, type: 'witness' })

const HASH = await crypto.subtle.digest('SHA-256', Buffer.from(log.origin))
const MONITORING = `/${Buffer.from(HASH).toString('hex')}/checkpoint`

let bindings: WitnessEnv
beforeEach(async () => {
  await makeWitnessTables()
  bindings = witnessEnv([log.vkey])
})

const ask = async (path: string, init: RequestInit = {}, own = bindings): Promise<Response> =>
  await witness.fetch(new Request(`https://witness.example${path}`, init), own)

const post = (body: BodyInit, own?: WitnessEnv): Promise<Response> =>
  ask('/add-checkpoint', { method: 'POST', body }, own)

const submit = async (oldSize: number, size: number, own?: WitnessEnv): Promise<Response> =>
  await post(await log.submissionOf(oldSize, size), own)

/** The cosignature in an answer, verified. */
async function timeOf(answer: Response, note: string): Promise<number | undefined> {
  expect(answer.status).toBe(200)
  const cosigned = parseNote(note + (await answer.text())) ?? expect.fail('not signature lines')
  const verified = await verifyNote(cosigned, [key])
  return verified?.[0]?.time
}

/** Everything that it holds. */
const rows = async () =>
  (await bindings.DB.prepare('SELECT origin, size, root FROM checkpoints ORDER BY origin').all()).results

describe('a witness', () => {
  it('K11 cosigns the first checkpoint, one that continues it, and the same one again', async () => {
    for (const [oldSize, size] of [
      [0, 3],
      [3, 7],
      [7, 7],
      [7, 300],
    ] as const) {
      const before = Math.floor(Date.now() / 1000)
      const time = await timeOf(await submit(oldSize, size), await log.noteOf(size))
      expect(time).toBeGreaterThanOrEqual(before)
      expect(time).toBeLessThanOrEqual(Date.now() / 1000)
    }
    expect(await rows()).toEqual([
      { origin: log.origin, size: 300, root: Buffer.from(log.rootOf(300)).toString('base64') },
    ])
  })

  it('K11 shows the cosigned checkpoint with the signatures of the log and its own', async () => {
    expect((await ask(MONITORING)).status).toBe(404)
    await submit(0, 3)
    await submit(3, 5)
    const answer = await ask(MONITORING)
    const note = parseNote(await answer.text()) ?? expect.fail('not a note')
    expect(parseTreeHead(note.body)).toMatchObject({ origin: log.origin, size: 5 })
    expect((await verifyNote(note, [log.signer, key]))?.map((one) => one.key.name)).toEqual([log.origin, WITNESS_NAME])
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  })

  it('K11 stores the signatures of known keys alone, each once', async () => {
    const [, line = ''] = (await log.noteOf(3)).split('\n\n')
    const other = `\u2014 elsewhere.example ${Buffer.alloc(5000, 1).toString('base64')}\n`
    expect((await post(`old 0\n\n${await log.noteOf(3)}${line}${other}`)).status).toBe(200)
    const kept = parseNote(await (await ask(MONITORING)).text())
    expect(kept?.signatures.map(({ name }) => name)).toEqual([log.origin, WITNESS_NAME])
  })

  it('K11 shows its keys as lines of a policy', async () => {
    const text = await (await ask('/')).text()
    const { witnesses, logs } = parsePolicy(`${text}quorum none\n`)
    expect(witnesses.map(({ key, url }) => [formatNoteKey(key), url])).toEqual([
      [formatNoteKey(key), 'https://witness.example'],
    ])
    expect(logs.map(({ key }) => formatNoteKey(key))).toEqual([log.vkey])
    expect(text).toContain(MONITORING)
  })

  it('K13 signs with each of its keys while one replaces the other', async () => {
    const next = Buffer.from(WITNESS_SEED.map((byte) => byte ^ 0x55))
    const keys = [next, WITNESS_SEED].map((seed) => seed.toString('base64')).join(', ')
    const own = witnessEnv([log.vkey], { WITNESS_KEYS: keys })
    const lines = await (await submit(0, 3, own)).text()
    const note = parseNote((await log.noteOf(3)) + lines) ?? expect.fail('not a note')
    const nextKey = await createNoteSigner(next, { name: WITNESS_NAME, type: 'witness' })
    expect(await verifyNote(note, [nextKey, key])).toHaveLength(2)
    expect(parsePolicy(`${await (await ask('/', {}, own)).text()}quorum none\n`).witnesses).toHaveLength(2)
  })

  it('K13 accepts either key of a log that replaces its own', async () => {
    const renewed = await createSmallLog({ origin: log.origin, key: 3 })
    const own = witnessEnv([log.vkey, renewed.vkey])
    expect((await submit(0, 3, own)).status).toBe(200)
    expect((await post(await renewed.submissionOf(3, 5), own)).status).toBe(200)
    expect((await post(await renewed.submissionOf(5, 6))).status).toBe(403)
  })

  it('K11 cosigns an empty tree, and the tree that follows it', async () => {
    expect((await submit(0, 0)).status).toBe(200)
    expect((await submit(0, 4)).status).toBe(200)
  })
})

describe('a witness refuses', () => {
  const longProof = Array.from({ length: 64 }, () => new Uint8Array(32))

  it.each([
    ['nothing', async () => ''],
    ['no note', async () => 'old 0\n\n'],
    ['no old size', async () => `\n\n${await log.noteOf(3)}`],
    ['no empty line', async () => `old 0\n${(await log.noteOf(3)).replace('\n\n', '\n')}`],
    ['another word', async () => submission(0, [], await log.noteOf(3)).replace('old', 'new')],
    ['leading zeros', async () => submission('00', [], await log.noteOf(3))],
    ['a negative size', async () => submission('-1', [], await log.noteOf(3))],
    ['a size beyond 2^53', async () => submission('9007199254740993', [], await log.noteOf(3))],
    ['carriage returns', async () => submission(0, [], await log.noteOf(3)).replaceAll('\n', '\r\n')],
    ['a byte order mark', async () => `\ufeff${await log.submissionOf(0, 3)}`],
    ['a proof of another length', async () => submission(0, [new Uint8Array(31)], await log.noteOf(3))],
    ['64 lines of proof', async () => submission(0, longProof, await log.noteOf(3))],
    ['a note without a tree', async () => submission(0, [], (await log.noteOf(3)).replace('\n3\n', '\nthree\n'))],
    ['an old size above the new one', async () => submission(4, [], await log.noteOf(3))],
  ])('K11 with 400: %s', async (_, body) => {
    const answer = await post(await body())
    expect(answer.status).toBe(400)
    expect(await rows()).toEqual([])
  })

  it('K11 with 400: bytes that are not UTF-8', async () => {
    expect((await post(Uint8Array.of(0x6f, 0xff, 0xfe))).status).toBe(400)
  })

  it.each([
    ['another key', async () => (await createSmallLog({ origin: log.origin, key: 9 })).noteOf(3)],
    ['a changed byte', async () => (await log.noteOf(3)).replace('\n3\n', '\n4\n')],
    [
      'no signature of the log',
      async () => (await log.noteOf(3)).replace(`\u2014 ${log.origin}`, '\u2014 else.example'),
    ],
  ])('K11 with 403: %s', async (_, note) => {
    expect((await post(submission(0, [], await note()))).status).toBe(403)
    expect(await rows()).toEqual([])
  })

  it('K11 with 404: a log that it does not watch', async () => {
    expect((await post(await stranger.submissionOf(0, 3))).status).toBe(404)
    // The key of a watched log under the name of another.
    expect((await post(submission(0, [], await log.noteOf(3, { name: stranger.origin })))).status).toBe(404)
  })

  it('K11 with 409 and the size that it knows', async () => {
    for (const [oldSize, size, expected] of [
      [2, 3, '0\n'],
      [0, 5, undefined],
      [0, 9, '5\n'],
      [4, 9, '5\n'],
      [3, 4, '5\n'],
      [6, 9, '5\n'],
    ] as const) {
      const answer = await submit(oldSize, size)
      if (expected === undefined) expect(answer.status).toBe(200)
      else expect([answer.status, await answer.text()]).toEqual([409, expected])
      if (expected !== undefined) expect(answer.headers.get('content-type')).toBe('text/x.tlog.size')
    }
  })

  it('K11 with 422: what does not continue the checkpoint that it cosigned', async () => {
    expect((await post(submission(0, [], await log.noteOf(0, { root: log.rootOf(1) })))).status).toBe(422)
    expect((await post(submission(0, log.proofOf(3, 5), await log.noteOf(5)))).status).toBe(422)
    await submit(0, 5)
    const before = await rows()
    for (const body of [
      submission(5, [], await fork.noteOf(5)),
      submission(5, log.proofOf(5, 9), await fork.noteOf(9)),
      await fork.submissionOf(5, 9),
      submission(5, log.proofOf(4, 9), await log.noteOf(9)),
      submission(5, [], await log.noteOf(9)),
      submission(5, [...log.proofOf(5, 9), new Uint8Array(32)], await log.noteOf(9)),
      submission(5, log.proofOf(5, 9), await log.noteOf(5)),
    ])
      expect((await post(body)).status).toBe(422)
    expect(await rows()).toEqual(before)
  })

  it('K11 and logs the checkpoint that proves a fork', async () => {
    await submit(0, 5)
    const spy = vi.spyOn(console, 'error').mockReturnValue()
    await post(submission(5, [], await fork.noteOf(5)))
    const line = JSON.parse(String(spy.mock.calls[0]?.[0]))
    expect(line).toMatchObject({ event: 'log_forked', note: await fork.noteOf(5), cosigned: { size: 5 } })
  })

  it('K11 with 413: a body of more than 80 KiB, also one without a length', async () => {
    const large = new Uint8Array(81_921).fill(0x61)
    expect((await post(large)).status).toBe(413)
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(65_536).fill(0x61))
      },
    })
    expect((await post(stream)).status).toBe(413)
  })

  it('K11 with 405 another method, and with 404 another path', async () => {
    for (const [path, method, allow] of [
      ['/add-checkpoint', 'GET', 'POST'],
      ['/add-checkpoint', 'PUT', 'POST'],
      ['/', 'POST', 'GET, HEAD'],
      [MONITORING, 'DELETE', 'GET, HEAD'],
    ] as const) {
      const answer = await ask(path, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
    }
    for (const path of ['/add-checkpoint/', '/checkpoint', MONITORING.toUpperCase(), '/sign-subtree'])
      expect((await ask(path)).status).toBe(404)
  })
})

describe('requests at the same time', () => {
  it.each(SIZES)('K11 %i different trees of one size: one is cosigned', async (count) => {
    const forks = await Promise.all(
      Array.from({ length: count }, (_, i) => createSmallLog({ origin: log.origin, content: i })),
    )
    const answers = await Promise.all(forks.map(async (one) => await post(await one.submissionOf(0, 5))))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, count > 1 ? 409 : 200]))
  })

  it.each(SIZES)('K11 %i growing sizes: the cosigned ones form one line', async (count) => {
    await submit(0, 1)
    const cosigned: { from: number; to: number }[] = []
    const attempt = async (size: number): Promise<void> => {
      for (let oldSize = 1; oldSize <= size; ) {
        const answer = await submit(oldSize, size)
        if (answer.status === 200) cosigned.push({ from: oldSize, to: size })
        if (answer.status === 200) return
        expect(answer.status).toBe(409)
        const known = Number(await answer.text())
        // Another size was cosigned in between. None goes back.
        expect(known).toBeGreaterThan(oldSize)
        oldSize = known
      }
    }
    await Promise.all(shuffled(count).map((i) => attempt(i + 2)))
    const line = cosigned.toSorted((a, b) => a.to - b.to)
    expect(line.map(({ from }) => from)).toEqual([1, ...line.slice(0, -1).map(({ to }) => to)])
    expect(line.at(-1)?.to).toBe(count + 1)
    expect(await rows()).toMatchObject([{ size: count + 1 }])
  })

  it.each(SIZES)('K11 %i continuations of one checkpoint: one is cosigned', async (count) => {
    await submit(0, 1)
    const answers = await Promise.all(shuffled(count).map((i) => submit(1, i + 2)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

/** The numbers below `count`, in an order without long ascending runs. */
const shuffled = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).sort((a, b) => ((a * 2654435761) % 2 ** 32) - ((b * 2654435761) % 2 ** 32))

describe('a database that fails', () => {
  const faulty = (plan: Parameters<typeof faultyEnv>[1]) => {
    const { env: own, ...rest } = faultyEnv({ ...env, DB: bindings.DB }, plan)
    return { ...rest, own: witnessEnv([log.vkey], { DB: own.DB }) }
  }

  it.each([0, 1])('K11 at call %i leaves no cosignature behind', async (at) => {
    const { own } = faulty((_, i) => (i === at ? 'fail' : 'none'))
    const answer = await submit(0, 3, own)
    expect([answer.status, await rows()]).toEqual([503, []])
    expect(await answer.text()).not.toMatch(/\u2014|D1|store/i)
    expect((await submit(0, 3)).status).toBe(200)
  })

  it('K11 whose reply is lost: the client goes on from the size that it hears', async () => {
    const { own } = faulty((_, i) => (i === 1 ? 'lose-reply' : 'none'))
    expect((await submit(0, 3, own)).status).toBe(503)
    expect((await post(await fork.submissionOf(0, 3))).status).toBe(409)
    expect((await post(submission(3, [], await fork.noteOf(3)))).status).toBe(422)
    expect(await timeOf(await submit(3, 3), await log.noteOf(3))).toBeDefined()
  })

  it('K11 after which the request is cut off: the same', async () => {
    const { own, killed, bury } = faulty((_, i) => (i === 1 ? 'kill' : 'none'))
    const cut = submit(0, 3, own)
    await killed
    expect((await post(submission(3, [], await fork.noteOf(3)))).status).toBe(422)
    expect((await submit(3, 5)).status).toBe(200)
    bury()
    expect((await cut).status).toBe(503)
  })

  it('K11 changes between read and write: the late request gets the new size', async () => {
    let calls = 0
    const own = interceptStores(
      async (_, run) => {
        if (++calls === 2) await submit(0, 4)
        return await run()
      },
      {},
      { ...env, DB: bindings.DB },
    )
    const answer = await submit(0, 3, witnessEnv([log.vkey], { DB: own.DB }))
    expect([answer.status, await answer.text()]).toEqual([409, '4\n'])
    expect(await rows()).toMatchObject([{ size: 4 }])
  })

  it('K11 of a damaged row is not cosigned over', async () => {
    await submit(0, 3)
    await bindings.DB.exec("UPDATE checkpoints SET root = 'x'")
    expect((await submit(3, 5)).status).toBe(503)
  })
})

describe('the settings', () => {
  const SEED = WITNESS_SEED.toString('base64')

  it.each([
    ['WITNESS_NAME', { WITNESS_NAME: '' }],
    ['WITNESS_NAME', { WITNESS_NAME: 'with space' }],
    ['WITNESS_NAME', { WITNESS_NAME: 'a+b' }],
    ['WITNESS_KEYS', { WITNESS_KEYS: undefined }],
    ['WITNESS_KEYS', { WITNESS_KEYS: 'c2hvcnQ=' }],
    ['WITNESS_KEYS', { WITNESS_KEYS: Buffer.alloc(32, 7).toString('base64') }],
    ['WITNESS_KEYS', { WITNESS_KEYS: `${SEED},${SEED}` }],
    ['LOGS', { LOGS: '' }],
    ['LOGS', { LOGS: `${log.vkey} ${log.vkey}` }],
    ['LOGS', { LOGS: log.vkey.slice(0, -1) }],
    ['LOGS', { LOGS: formatNoteKey(key) }],
  ])('are refused with the name of what is wrong: %s', async (name, others) => {
    const answer = await ask('/', {}, witnessEnv([log.vkey], others))
    const text = await answer.text()
    expect([answer.status, text.split(' ')[0]]).toEqual([500, name])
    for (const value of Object.values(others)) if (value) expect(text).not.toContain(value)
  })

  it('are all named at once', async () => {
    const text = await (await ask('/', {}, { DB: bindings.DB })).text()
    for (const name of ['WITNESS_NAME', 'WITNESS_KEYS', 'LOGS']) expect(text).toContain(name)
  })
})
