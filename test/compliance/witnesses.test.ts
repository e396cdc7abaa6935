import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkQuorum } from '../../src/compliance/archive/checkpoint/check-quorum.ts'
import { chooseLog } from '../../src/compliance/archive/checkpoint/choose-log.ts'
import { readPublication, writePublication } from '../../src/compliance/archive/checkpoint/publication.ts'
import type { PublishedLog } from '../../src/compliance/archive/format/signed-tree.ts'
import { cosign } from '../../src/compliance/archive/witnesses/cosign.ts'
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts'
import { runScheduled } from '../../src/jobs/scheduled.ts'
import { parseTreeHead } from '../../src/tlog/checkpoint.ts'
import {
  cosignBody,
  createNoteSigner,
  formatNoteKey,
  formatSignature,
  type NoteSigner,
  parseNote,
  verifyNote,
} from '../../src/tlog/note.ts'
import { tilePath } from '../../src/tlog/tiles.ts'
import witnessWorker from '../../src/witness/index.ts'
import { newPerson } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { type MadeTree, makeTree } from '../support/log.ts'
import { deliver, runCron, unarchivedEvents } from '../support/service.ts'
import { rows } from '../support/stores.ts'
import { makeWitnessTables, WITNESS_NAME, WITNESS_SEED, witnessEnv } from '../support/witness.ts'

const FIVE_MINUTES = '*/5 * * * *'

const key = await createNoteSigner(WITNESS_SEED, { name: WITNESS_NAME, type: 'witness' })
const otherKey = await createNoteSigner(new Uint8Array(32).fill(9), { name: 'other.example/w', type: 'witness' })

const line = (name: string, signer: NoteSigner) => `witness ${name} ${formatNoteKey(signer)} https://${name}.example/w/`
const policy = (quorum: string) =>
  `${line('one', key)}\n${line('two', otherKey)}\ngroup any any one two\nquorum ${quorum}\n`.replace(
    'group any any one two\n',
    quorum === 'any' ? 'group any any one two\n' : '',
  )

const witnessed = (quorum = 'one'): Env => ({ ...env, WITNESSES: policy(quorum) }) as Env
const contextAt = (now: number, quorum?: string) => jobContext(now, witnessed(quorum))

/** A request to a witness. */
interface Asked {
  readonly host: string
  readonly url: string
  readonly old: number
  readonly body: string
  readonly headers: Headers
}
type Play = (asked: Asked) => Promise<Response>

let asked: Asked[]

/** Plays the witnesses, by the name that the policy gives them. */
function play(witnesses: Readonly<Record<string, Play>>): void {
  asked = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as string, init as RequestInit)
    const { hostname } = new URL(request.url)
    const [host = ''] = hostname.split('.')
    const body = await request.text()
    const one = { host, url: request.url, old: Number(/^old (\d+)/.exec(body)?.[1]), body, headers: request.headers }
    asked.push(one)
    return (await witnesses[host]?.(one)) ?? new Response('', { status: 503 })
  })
}

/** The witness of src/witness, which watches the log of this service. */
const genuine: Play = async ({ url, body }) => {
  const { pathname } = new URL(url)
  expect(pathname).toBe('/w/add-checkpoint')
  const request = new Request('https://witness.example/add-checkpoint', { method: 'POST', body })
  return await witnessWorker.fetch(request, witnessEnv([await logKey()]))
}

async function logKey(): Promise<string> {
  const { deriveLogKeys, originOf } = await import('../../src/compliance/archive/keys/log-keys.ts')
  const ctx = await jobContext()
  const { signers } = await deriveLogKeys(ctx, originOf(ctx.settings))
  return formatNoteKey(signers[0] ?? expect.fail('no key'))
}

const status =
  (code: number, text = ''): Play =>
  async () =>
    new Response(text, { status: code })

/** Signs whatever it gets, or something else. */
const signing =
  ({ signer = key, ageMs = 0, change = (body: string) => body } = {}): Play =>
  async ({ body }) => {
    const note = parseNote(body.slice(body.indexOf('\n\n') + 2)) ?? expect.fail('not a note')
    const signed = await cosignBody(change(note.body), signer, Math.floor((Date.now() - ageMs) / 1000))
    return new Response(formatSignature(signed))
  }

async function treeOf(size: number): Promise<MadeTree> {
  const tree = await makeTree(size)
  for (const { bytes, ...id } of tree.full) await env.ARCHIVE.put(`log/${tilePath(id)}`, bytes)
  return tree
}

const publishedFrom = (tree: MadeTree, note: string, cosignedAtMs = Date.now()): PublishedLog => ({
  edge: tree.edge,
  note,
  cosignedAtMs,
})

/** The names of the witnesses whose cosignatures hold. */
async function cosigners(note: string): Promise<string[]> {
  const verified = await verifyNote(parseNote(note) ?? expect.fail('not a note'), [key, otherKey])
  return (verified ?? expect.fail('a line does not hold')).map((one) => one.key.name)
}

const sizeOf = (note = '') => parseTreeHead(parseNote(note)?.body ?? '')?.size
const alarms = async () => (await rows('SELECT name FROM alarms ORDER BY name')).map(({ name }) => name)

beforeEach(async () => {
  await makeWitnessTables()
  vi.spyOn(caches, 'open').mockRejectedValue(new Error('no cache'))
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('K10 witnesses', () => {
  test('cosign a growing log, with one request for each checkpoint', async () => {
    play({ one: genuine })
    let before: PublishedLog | undefined
    for (const size of [1, 7, 300, 700]) {
      const tree = await treeOf(size)
      const { note, isMet } = await cosign(await contextAt(Date.now()), tree, before)
      expect([isMet, sizeOf(note), await cosigners(note)]).toEqual([true, size, [WITNESS_NAME]])
      before = publishedFrom(tree, note)
    }
    expect(asked.filter(({ host }) => host === 'one').map(({ old }) => old)).toEqual([0, 1, 7, 300])
  })

  test('get the checkpoint and a proof, and nothing else', async () => {
    play({ one: genuine })
    const tree = await treeOf(5)
    await cosign(await contextAt(Date.now()), tree, undefined)
    const [{ body, headers } = expect.fail('nothing was sent')] = asked
    expect(body).toBe(`old 0\n\n${tree.note}`)
    expect([...headers.keys()]).toEqual(['content-type'])
  })

  test('continue from the size that they name', async () => {
    play({ one: genuine })
    const ctx = await contextAt(Date.now())
    await cosign(ctx, await treeOf(5), undefined)
    // Below the quorum nothing was published, and the log has grown.
    const { isMet } = await cosign(ctx, await treeOf(300), undefined)
    expect([isMet, asked.filter(({ host }) => host === 'one').map(({ old }) => old)]).toEqual([true, [0, 0, 5]])
  })

  test('that have cosigned this checkpoint are not asked again within an hour', async () => {
    play({ one: genuine })
    const tree = await treeOf(5)
    const { note } = await cosign(await contextAt(Date.now()), tree, undefined)
    const before = publishedFrom(tree, note)
    const soon = await cosign(await contextAt(Date.now() + HOUR_MS / 2), tree, before)
    expect([soon.note, soon.isMet]).toEqual([note, true])
    expect(asked.filter(({ host }) => host === 'one')).toHaveLength(1)
    play({ one: status(503) })
    const later = await cosign(await contextAt(Date.now() + 2 * HOUR_MS), tree, before)
    expect([later.note, later.isMet]).toEqual([note, true])
    expect(asked.filter(({ host }) => host === 'one')).toHaveLength(1)
  })

  const FAILURES: Record<string, readonly [reason: string, play: Play]> = {
    'refuses with 403': ['refused', status(403)],
    'refuses with 404': ['refused', status(404)],
    'refuses with 422': ['refused', status(422)],
    'answers 400': ['status_400', status(400)],
    'answers 500': ['status_500', status(500)],
    redirects: [
      'status_302',
      async () => new Response('', { status: 302, headers: { location: 'https://x.example' } }),
    ],
    'names a larger size': ['ahead', status(409, '6\n')],
    'names a size that is none': ['malformed', status(409, 'many\n')],
    'names the size that it got': ['malformed', status(409, '0\n')],
    'names another size each time': [
      'status_409',
      async ({ old }) => new Response(`${(old + 1) % 4}\n`, { status: 409 }),
    ],
    'answers garbage': ['malformed', status(200, '\u0000\u2014')],
    'answers bytes that are not UTF-8': ['malformed', async () => new Response(Uint8Array.of(0xff, 0xfe))],
    'answers nothing': ['malformed', status(200)],
    'answers without an end': ['OutboundTooLarge', async () => new Response(new Uint8Array(70_000).fill(0x61))],
    'signs another text': ['not_cosigned', signing({ change: (body) => body.replace('\n5\n', '\n6\n') })],
    'signs with an unknown key': ['not_cosigned', signing({ signer: otherKey })],
    'signs a time two hours ago': ['not_cosigned', signing({ ageMs: 2 * HOUR_MS })],
    'signs a time in ten minutes': ['not_cosigned', signing({ ageMs: -HOUR_MS / 6 })],
    'breaks the connection': ['OutboundUnreachable', () => Promise.reject(new TypeError('reset'))],
  }

  test.each(Object.entries(FAILURES))(
    'one that %s delays nothing but its own cosignature',
    async (_, [reason, one]) => {
      play({ one, two: signing({ signer: otherKey }) })
      const written = listenToConsole()
      const tree = await treeOf(5)
      const alone = await cosign(await contextAt(Date.now(), 'one'), tree, undefined)
      expect([alone.isMet, await cosigners(alone.note)]).toEqual([false, [otherKey.name]])
      const met = await cosign(await contextAt(Date.now(), 'any'), tree, undefined)
      expect([met.isMet, await cosigners(met.note)]).toEqual([true, [otherKey.name]])
      expect(written.lines('witness_failed').map((each) => each.reason)).toEqual([reason, reason])
      expect(await alarms()).toEqual(reason === 'refused' ? ['witness_refused'] : [])
      for (const each of asked) expect(each.url).toMatch(/^https:\/\/(one|two)\.example\/w\/add-checkpoint$/)
    },
  )

  test('one that hangs is given up after ten seconds, and the others count', async () => {
    const tree = await treeOf(5)
    const ctx = await contextAt(Date.now(), 'any')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    play({ one: () => new Promise(() => undefined), two: signing({ signer: otherKey }) })
    const written = listenToConsole()
    const cosigning = cosign(ctx, tree, undefined)
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    await vi.advanceTimersByTimeAsync(10_000)
    expect((await cosigning).isMet).toBe(true)
    expect(written.lines('witness_failed')).toMatchObject([{ witness: 'one', reason: 'TimeoutError' }])
  })

  test('get no proof from a tile that is lost or planted', async () => {
    const tree = await treeOf(700)
    const before = publishedFrom(await treeOf(300), await cosignedBy(await treeOf(300)))
    const written = listenToConsole()
    for (const bytes of [undefined, new Uint8Array(8192)]) {
      play({ one: genuine })
      if (bytes === undefined) await env.ARCHIVE.delete('log/tile/0/000')
      else await env.ARCHIVE.put('log/tile/0/000', bytes)
      await env.ARCHIVE.put('log/tile/0/001', new Uint8Array(8192))
      const { isMet } = await cosign(await contextAt(Date.now()), tree, before)
      expect([isMet, asked.filter(({ host }) => host === 'one')]).toEqual([false, []])
    }
    expect(written.lines('witness_failed').filter(({ witness }) => witness === 'one')).toMatchObject([
      { reason: 'no_proof' },
      { reason: 'no_proof' },
    ])
  })

  /** A note of this tree that the genuine witness has cosigned. */
  async function cosignedBy(tree: MadeTree): Promise<string> {
    play({ one: genuine })
    return (await cosign(await contextAt(Date.now()), tree, undefined)).note
  }
})

describe('K12 below the quorum', () => {
  test('the published checkpoint stays, with its time, until a newer one meets it', async () => {
    play({ one: genuine })
    const start = Date.now()
    const first = await chooseLog(await contextAt(start), { before: undefined, newest: await treeOf(3) })
    expect([sizeOf(first?.note), first?.cosignedAtMs]).toEqual([3, start])
    play({ one: status(503) })
    const kept = await chooseLog(await contextAt(start + HOUR_MS), { before: first, newest: await treeOf(5) })
    expect([sizeOf(kept?.note), kept?.cosignedAtMs, await cosigners(kept?.note ?? '')]).toEqual([
      3,
      start,
      [WITNESS_NAME],
    ])
    play({ one: genuine })
    const next = await chooseLog(await contextAt(start + 2), { before: kept, newest: await treeOf(7) })
    expect([sizeOf(next?.note), next?.cosignedAtMs]).toEqual([7, start + 2])
  })

  test('the checkpoint of the archive moves on, and every task of the cron runs', async () => {
    const archive = async () => {
      await newPerson()
      expect(await deliver(await unarchivedEvents())).toBe(true)
    }
    const published = async () => (await readPublication(await contextAt(Date.now()))).publication
    const written = listenToConsole()
    await archive()
    play({ one: genuine })
    await runCron(witnessed(), FIVE_MINUTES)
    const first = await published()
    expect(await cosigners(first?.log?.note ?? '')).toEqual([WITNESS_NAME])
    await archive()
    play({ one: () => Promise.reject(new TypeError('reset')) })
    await runAfter(HOUR_MS / 6)
    const second = await published()
    expect(second?.view.sequence).toBeGreaterThan(first?.view.sequence ?? Number.NaN)
    expect([second?.log?.note, second?.log?.cosignedAtMs]).toEqual([first?.log?.note, first?.log?.cosignedAtMs])
    play({ one: genuine })
    await runAfter(HOUR_MS / 3)
    expect(sizeOf((await published())?.log?.note)).toBeGreaterThan(sizeOf(first?.log?.note) ?? Number.NaN)
    expect(written.lines('cron_run').map(({ failed }) => failed)).toEqual([0, 0, 0])
    expect(await alarms()).toEqual([])
  })

  /** Runs the cron of a later time. */
  async function runAfter(ms: number): Promise<void> {
    await runScheduled(await contextAt(Date.now() + ms), { cron: FIVE_MINUTES, scheduledTime: Date.now() + ms })
  }

  test('nothing is published when there was nothing before', async () => {
    play({})
    expect(await chooseLog(await contextAt(Date.now()), { before: undefined, newest: await treeOf(3) })).toBeUndefined()
  })

  test('a policy that asks for nobody publishes all the same, with the cosignatures that there are', async () => {
    play({ one: genuine })
    const { isMet, note } = await cosign(await contextAt(Date.now(), 'none'), await treeOf(3), undefined)
    expect([isMet, await cosigners(note)]).toEqual([true, [WITNESS_NAME]])
    play({})
    expect((await cosign(await contextAt(Date.now(), 'none'), await treeOf(4), undefined)).isMet).toBe(true)
  })

  test('without a policy no witness is asked', async () => {
    play({ one: genuine })
    const tree = await treeOf(3)
    for (const none of [env, { ...env, WITNESSES: ' \n' } as Env])
      expect(await cosign(await jobContext(Date.now(), none), tree, undefined)).toEqual({
        note: tree.note,
        isMet: true,
      })
    expect(asked).toEqual([])
  })

  test('K21 for a day is an alarm, which ends with the next cosigned checkpoint', async () => {
    await newPerson()
    expect(await deliver(await unarchivedEvents())).toBe(true)
    const now = Date.now()
    play({ one: genuine })
    expect(await checkQuorum(await contextAt(now))).toEqual({ quorum_missed: undefined })
    await runCron(env, FIVE_MINUTES)
    const publishAt = async (cosignedAtMs: number | undefined) => {
      const ctx = await contextAt(now)
      const { publication, etag } = await readPublication(ctx)
      if (publication === undefined) throw new Error('nothing is published')
      const tree = await treeOf(3)
      const log = cosignedAtMs === undefined ? undefined : publishedFrom(tree, tree.note, cosignedAtMs)
      await writePublication(ctx, { ...publication, log }, etag)
    }
    for (const [cosignedAtMs, isMissed] of [
      [undefined, true],
      [now, false],
      [now - DAY_MS + 1, false],
      [now - DAY_MS - 1, true],
    ] as const) {
      await publishAt(cosignedAtMs)
      expect(await checkQuorum(await contextAt(now))).toEqual({ quorum_missed: isMissed })
      expect(await checkQuorum(await jobContext(now))).toEqual({ quorum_missed: false })
    }
    await runCron(witnessed(), FIVE_MINUTES)
    expect(await alarms()).toContain('quorum_missed')
    await publishAt(now)
    await runCron(witnessed(), FIVE_MINUTES)
    expect(await alarms()).not.toContain('quorum_missed')
  })
})
