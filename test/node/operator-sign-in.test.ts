import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askLine } from '../../src/cli/shared/ask-line.ts'
import { UsageError } from '../../src/cli/shared/usage-error.ts'
import { signInOperator } from '../../src/cli/users/operator.ts'
import { type AskCode, findCodes } from '../../src/cli/users/operator-codes.ts'
import { usersExport } from '../../src/cli/users/users-export.ts'
import type { SentInit } from '../../src/client/client.ts'
import { findTotpStep, newTotpSecret, totpCode } from '../../src/crypto/totp.ts'

const SECRET = newTotpSecret()
const ORIGIN = 'https://id.test'
/** The middle of a time step. */
const NOON = Date.UTC(2026, 10, 30, 12, 0, 15)
const SIGN_IN = { purpose: 'sign-in', methods: ['totp'], rejected: 0 } as const
const STEP_UP = { ...SIGN_IN, purpose: 'step-up' } as const

let stderr: string[]
beforeEach(() => {
  stderr = []
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => stderr.push(String(line)) > 0)
  vi.stubEnv('LATCHKEY_PASSWORD', 'a password')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

/** A clock that moves only when something waits for it. */
function newClock() {
  let now = NOON
  const waits: number[] = []
  const wait = async (ms: number) => {
    waits.push(ms)
    now += ms
  }
  return { now: () => now, wait, waits }
}

/** A person who types these lines, one after the other, and then the last one again. */
function typing(...lines: readonly string[]) {
  const left = [...lines]
  return vi.fn(async (_question: string) => (left.length > 1 ? left.shift() : left[0]) ?? '')
}

describe('the secret in LATCHKEY_TOTP', () => {
  it.each([
    ['as it is', SECRET],
    ['in the groups and small letters of a page', SECRET.toLowerCase().replaceAll(/(.{4})/g, '$1 ')],
    ['padded', `${SECRET}======\n`],
  ])('gives the present code, written %s', async (_, given) => {
    const codes = findCodes({ given, ask: undefined, clock: newClock() })
    expect(await codes(SIGN_IN)).toEqual({ totp: totpCode(SECRET, NOON) })
    expect(stderr).toEqual([])
  })

  it('gives each code once, and waits for the next one with a word about it', async () => {
    const clock = newClock()
    const codes = findCodes({ given: SECRET, ask: undefined, clock })
    await codes(SIGN_IN)
    expect(await codes(STEP_UP)).toEqual({ totp: totpCode(SECRET, NOON + 15_000) })
    expect(clock.waits).toEqual([15_000])
    expect(stderr).toEqual(['A code works once. Waiting 15 seconds for the next one.\n'])
    await clock.wait(300_000)
    expect(await codes(STEP_UP)).toEqual({ totp: totpCode(SECRET, NOON + 315_000) })
    expect(stderr).toHaveLength(1)
  })

  it('is not fooled by a timer that fires too early, nor by a machine that slept', async () => {
    let now = NOON
    const jumps = [14_999, 1, 3_600_000]
    const clock = { now: () => now, wait: async () => (now += jumps.shift() ?? 0) }
    const codes = findCodes({ given: SECRET, ask: undefined, clock })
    const given = [await codes(SIGN_IN), await codes(STEP_UP), await codes(STEP_UP)]
    expect(given).toEqual([NOON, NOON + 15_000, NOON + 3_615_000].map((at) => ({ totp: totpCode(SECRET, at) })))
  })

  it('is given up after three codes that the service refuses', async () => {
    const codes = findCodes({ given: SECRET, ask: undefined, clock: newClock() })
    for (const rejected of [0, 1, 2]) await codes({ ...SIGN_IN, rejected })
    await expect(codes({ ...SIGN_IN, rejected: 3 })).rejects.toThrow('refused 3 codes of the secret')
    expect(stderr.join('')).not.toContain(SECRET)
  })
})

describe('a code in LATCHKEY_TOTP', () => {
  const given = '123 456'

  it('is given once. A later one is asked for on a terminal', async () => {
    const ask = typing('654321')
    const codes = findCodes({ given, ask, clock: newClock() })
    expect([await codes(SIGN_IN), await codes(STEP_UP)]).toEqual([{ totp: '123456' }, { totp: '654321' }])
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['the service refused the code in LATCHKEY_TOTP', { ...SIGN_IN, rejected: 1 }],
    ['again with a new LATCHKEY_TOTP: it continues', STEP_UP],
  ])('ends the command without a terminal: %s', async (words, prompt) => {
    const codes = findCodes({ given, ask: undefined, clock: newClock() })
    await codes(SIGN_IN)
    await expect(codes(prompt)).rejects.toThrow(words)
  })
})

describe('without a usable LATCHKEY_TOTP', () => {
  it.each(['12345', '1234567', 'hunter2', 'JBSWY3DPEHPK3PXP', '１２３４５６'])(
    '%s is wrong usage, and not repeated',
    (given) => {
      const find = () => findCodes({ given, ask: typing(), clock: newClock() })
      expect(find).toThrow(UsageError)
      expect(find).toThrow(expect.objectContaining({ message: expect.not.stringContaining(given) }))
    },
  )

  it.each([undefined, '', ' '])('%j is wrong usage once a code is needed, and there is no terminal', async (given) => {
    const codes = findCodes({ given, ask: undefined, clock: newClock() })
    await expect(codes(SIGN_IN)).rejects.toBeInstanceOf(UsageError)
    await expect(codes(SIGN_IN)).rejects.toThrow('set LATCHKEY_TOTP')
  })

  it('a person types it, as the app shows it. What is no code is not sent', async () => {
    const ask = typing('12345', '', '123 456')
    const codes = findCodes({ given: undefined, ask, clock: newClock() })
    expect(await codes(SIGN_IN)).toEqual({ totp: '123456' })
    expect(ask).toHaveBeenCalledTimes(3)
    expect(stderr).toEqual(['A code has six digits.\n', 'A code has six digits.\n'])
  })

  it('a person may try three times', async () => {
    const codes = findCodes({ given: undefined, ask: typing('123456'), clock: newClock() })
    for (const rejected of [0, 1, 2]) await codes({ ...SIGN_IN, rejected })
    await expect(codes({ ...SIGN_IN, rejected: 3 })).rejects.toThrow('refused 3 codes')
    expect(stderr).toHaveLength(2)
  })
})

describe('the prompt', () => {
  const open = () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    return { input, output, line: askLine('Code: ', input, output) }
  }

  it('returns the line', async () => {
    const { input, output, line } = open()
    input.write('123456\r')
    expect(await line).toBe('123456')
    output.end()
    expect(await text(output)).toContain('Code: ')
  })

  it.each([
    ['Ctrl-C', '12\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s stops the command', async (_, keys) => {
    const { input, line } = open()
    input.write(keys)
    await expect(line).rejects.toThrow('stopped at the prompt')
  })

  it('the end of the input stops the command', async () => {
    const { input, line } = open()
    input.end()
    await expect(line).rejects.toThrow('stopped at the prompt')
  })
})

const TOKENS = { access_token: 'a', token_type: 'Bearer', expires_in: 900, refresh_token: 'r', refresh_expires_in: 9 }
const ASKED = { mfa_required: true, mfa_token: 'ticket', expires_in: 300, methods: ['totp', 'recovery_code'] }
const USER = { id: 'ada' }

const refused = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ code, title: code }, { status, headers: { 'content-type': 'application/problem+json', ...headers } })
const stale = (level: string) =>
  refused(401, 'step_up_required', { 'www-authenticate': `Bearer acr_values="${level}"` })

type Body = Readonly<Record<string, unknown>>
type Answer = (body: Body) => Response | undefined

/** A service whose routes answer these, one after the other, and then the usual. It records what is sent. */
function serve(answers: Readonly<Record<string, readonly Answer[]>> = {}) {
  const sent: [path: string, body: Body][] = []
  const usual: Readonly<Record<string, Answer>> = {
    login: () => Response.json(ASKED),
    mfa: () => Response.json(TOKENS),
    'step-up': () => Response.json({ ...TOKENS, refresh_token: undefined }),
    me: () => Response.json(USER),
  }
  vi.stubGlobal('fetch', async (url: URL, init: SentInit) => {
    const path = url.pathname.split('/').at(-1) ?? ''
    const body: Body = JSON.parse(init.body ?? '{}')
    const before = sent.filter(([other]) => other === path).length
    sent.push([path, body])
    const answer = answers[path]?.[before] ?? usual[path]
    return answer?.(body) ?? new Response(null, { status: 204 })
  })
  return {
    paths: () => sent.map(([path]) => path),
    bodiesOf: (name: string) => sent.flatMap(([path, body]) => (path === name ? [body] : [])),
  }
}

const choice = { url: ORIGIN, email: 'ada@example.com', reason: 'maintenance' } as const
const codesOf = (...codes: readonly string[]) => {
  let next = 0
  return vi.fn<AskCode>(async () => ({ totp: codes[next++] ?? 'none' }))
}
const wrong: Answer = () => refused(401, 'invalid_second_factor')

describe('an operator who signs in', () => {
  it('is not asked for a code while one factor is enough', async () => {
    serve({ login: [() => Response.json(TOKENS)], me: [() => stale('aal1')] })
    const codes = codesOf()
    const operator = await signInOperator(choice, codes)
    expect(await operator.ask((client) => client.call('getMe'))).toEqual(USER)
    await operator.signOut()
    expect(codes).not.toHaveBeenCalled()
  })

  it('proves two factors, and tries another code after one that is refused', async () => {
    const { paths, bodiesOf } = serve({ mfa: [wrong] })
    await signInOperator(choice, codesOf('111111', '222222'))
    expect(paths()).toEqual(['login', 'mfa', 'mfa'])
    expect(bodiesOf('mfa').map(({ mfa_token, totp }) => [mfa_token, totp])).toEqual([
      ['ticket', '111111'],
      ['ticket', '222222'],
    ])
  })

  it.each([
    ['steps up with a code, not with the password', 'aal2', ['code']],
    ['steps up with the password where one factor is enough', 'aal1', ['password']],
  ])('%s, and the request is repeated', async (_, level, expected) => {
    const { paths, bodiesOf } = serve({ me: [() => stale(level)] })
    const operator = await signInOperator(choice, codesOf('111111', 'code'))
    expect(await operator.ask((client) => client.call('getMe'))).toEqual(USER)
    expect(paths()).toEqual(['login', 'mfa', 'me', 'step-up', 'me'])
    expect(bodiesOf('step-up').map(({ totp, password }) => totp ?? (password && 'password'))).toEqual(expected)
  })

  it('steps up with a code if the account came to need two factors meanwhile', async () => {
    const { bodiesOf } = serve({
      login: [() => Response.json(TOKENS)],
      me: [() => stale('aal1')],
      'step-up': [() => refused(403, 'second_factor_required')],
    })
    const operator = await signInOperator(choice, codesOf('111111'))
    expect(await operator.ask((client) => client.call('getMe'))).toEqual(USER)
    expect(bodiesOf('step-up')).toEqual([{ password: 'a password' }, { totp: '111111' }])
  })

  it('goes on with the next code after an outage in the middle of a step-up', async () => {
    const { bodiesOf } = serve({
      me: [() => stale('aal2')],
      'step-up': [() => refused(503, 'unavailable', { 'retry-after': '0' })],
    })
    const operator = await signInOperator(choice, codesOf('111111', '222222', '333333'))
    expect(await operator.ask((client) => client.call('getMe'))).toEqual(USER)
    expect(bodiesOf('step-up')).toEqual([{ totp: '222222' }, { totp: '333333' }])
  })

  it.each([
    ['mfa', '90', '90 seconds'],
    ['login', '890', '15 minutes'],
    ['step-up', '890', '15 minutes'],
  ])('stops at a lock of %s, and says for how long', async (route, seconds, words) => {
    const { paths } = serve({
      me: [() => stale('aal2')],
      [route]: [() => refused(429, 'rate_limited', { 'retry-after': seconds })],
    })
    const run = async () => {
      const operator = await signInOperator(choice, codesOf())
      await operator.ask((client) => client.call('getMe'))
    }
    await expect(run()).rejects.toThrow(`Try again in ${words}`)
    expect(paths().filter((path) => path === route)).toHaveLength(1)
  })

  it('is signed out if there is no further code while the command runs', async () => {
    vi.stubEnv('LATCHKEY_TOTP', '123456')
    const { paths } = serve({ 'user-export': [() => stale('aal2')] })
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-export-'))
    await expect(usersExport(join(folder, 'users.ndjson'), choice)).rejects.toThrow('it continues')
    rmSync(folder, { recursive: true })
    expect(paths()).toEqual(['login', 'mfa', 'user-export', 'logout'])
  })

  const enrolment = { enrolment_required: true, enrolment_token: 't', expires_in: 900, methods: ['totp'] }
  it.each([
    ['must add a factor first', { login: [() => Response.json(enrolment)] }, `${ORIGIN}/account/sign-in`],
    ['has no app', { login: [() => Response.json({ ...ASKED, methods: ['passkey'] })] }, `${ORIGIN}/account/security`],
    [
      'has one factor, where operators need two',
      { login: [() => Response.json(TOKENS)], me: [() => refused(403, 'factor_enrolment_required')] },
      `${ORIGIN}/account/security`,
    ],
  ])('learns where to add a factor if the account %s', async (_, answers, page) => {
    serve(answers)
    const codes = codesOf()
    const run = async () => {
      const operator = await signInOperator(choice, codes)
      await operator.ask((client) => client.call('getMe'))
    }
    await expect(run()).rejects.toThrow(page)
    expect(codes).not.toHaveBeenCalled()
  })

  it.each([2, 3])('%i commands at once share a secret: each waits for a code of its own', async (count) => {
    const clock = newClock()
    let lastStep = 0
    const once: Answer = ({ totp }) => {
      const step = findTotpStep(SECRET, { code: String(totp), now: clock.now(), driftSteps: 0 })
      if (step === undefined || step <= lastStep) return refused(401, 'invalid_second_factor')
      lastStep = step
      return Response.json(TOKENS)
    }
    const { bodiesOf } = serve({ mfa: Array.from({ length: 9 }, () => once) })
    const signIn = () => signInOperator(choice, findCodes({ given: SECRET, ask: undefined, clock }))
    await Promise.all(Array.from({ length: count }, signIn))
    expect(new Set(bodiesOf('mfa').map(({ totp }) => totp)).size).toBe(count)
    expect(stderr.join('')).toContain('another command has used it')
  })
})
