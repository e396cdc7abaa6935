import { describe, expect, it } from 'vitest'
import type { Memory, OpenPage } from '../../src/pages/browser/memory.ts'
import type { TaskAnswer } from '../../src/pages/browser/outcome.ts'
import { type TaskName, tasks } from '../../src/pages/browser/tasks.ts'

type Sent = readonly [method: string, path: string, body: unknown, accessToken: string | undefined]

const SESSION: TaskAnswer = { status: 200, body: { access_token: 'a', refresh_token: 'r' } }
const SECOND_STEP: TaskAnswer = {
  status: 200,
  body: { mfa_required: true, mfa_token: 'm', expires_in: 300, methods: ['totp', 'recovery_code'] },
}
const NONE: TaskAnswer = { status: 204, body: {} }
const FACTORS = {
  two_step: { enabled: false, since: null, due_at: null },
  password: { set: true, changed_at: '2026-01-31T12:00:00Z' },
  totp: null,
  recovery_codes: null,
}
const CODES = ['AAAA', 'BBBB']

const problem = (status: number, code: string): TaskAnswer => ({ status, body: { code } })

/** A page whose service gives these answers, by method and path. The last answer to a request repeats. */
function open(answers: Readonly<Record<string, TaskAnswer | readonly TaskAnswer[]>>, memory: Memory = {}) {
  const sent: Sent[] = []
  const send: OpenPage['send'] = async (path, body, accessToken, method = 'POST') => {
    const before = sent.filter(([aMethod, aPath]) => aMethod === method && aPath === path).length
    sent.push([method, path, body, accessToken])
    const given = [answers[`${method} ${path}`] ?? defaults[`${method} ${path}`] ?? NONE].flat()
    return given[Math.min(before, given.length - 1)] ?? NONE
  }
  const made: unknown[] = []
  const passkeys: OpenPage['passkeys'] = {
    prove: async () => ({ outcome: { kind: 'none' } }),
    create: async (publicKey) => {
      made.push(publicKey)
      return { credential: { id: 'new' } }
    },
    signal: () => undefined,
  }
  const page: OpenPage = { send, memory, token: 'link', language: 'en', passkeys }
  const perform = (name: TaskName, values: Record<string, string> = {}) => tasks[name](page, values)
  return { sent, memory, made, perform }
}

const OFFER = {
  status: 200,
  body: { ticket: 't', secret: 'ABCDEFGHIJ', uri: 'otpauth://totp/x', expires_in: 600 },
}

const defaults: Readonly<Record<string, TaskAnswer>> = {
  'GET users/me/factors': { status: 200, body: FACTORS },
  'GET users/me/identities': { status: 200, body: { identities: [{ provider: 'acme' }] } },
  'POST users/me/totp/options': OFFER,
  'POST auth/enrol/totp/options': OFFER,
  'POST auth/enrol/totp': { status: 201, body: { recovery_codes: CODES } },
  'POST users/me/totp': { status: 201, body: { recovery_codes: CODES } },
}

const signedIn = (): Memory => ({ session: { accessToken: 'a', refreshToken: 'r' } })

describe('signing in', () => {
  it('leads to the factors, and keeps the session in memory', async () => {
    const { perform, memory } = open({ 'POST auth/login': SESSION })
    const outcome = await perform('sign-in', { email: 'e', password: 'p' })
    expect(outcome).toMatchObject({ kind: 'view', name: 'security' })
    expect(memory.session).toEqual({ accessToken: 'a', refreshToken: 'r' })
    expect(outcome).toMatchObject({
      facts: { password_changed: 'January 31, 2026', providers: 'acme', totp_unset: '', codes_left: undefined },
    })
  })

  it('asks for the second step, and sends it with the ticket', async () => {
    const { perform, memory, sent } = open({ 'POST auth/login': SECOND_STEP, 'POST auth/mfa': SESSION })
    const asked = await perform('sign-in')
    expect(asked).toEqual({ kind: 'view', name: 'second_step', facts: { can_totp: '', can_recover: '' } })
    expect(memory.session).toBeUndefined()
    expect(await perform('second-factor', { totp: '123456' })).toMatchObject({ name: 'security' })
    expect(sent[1]).toEqual(['POST', 'auth/mfa', { mfa_token: 'm', totp: '123456' }, undefined])
    expect(memory.secondStep).toBeUndefined()
  })

  it('stays at the second step if the code is wrong, and says so if the time is over', async () => {
    const wrong = problem(401, 'invalid_second_factor')
    const { perform, memory } = open({ 'POST auth/login': SECOND_STEP, 'POST auth/mfa': wrong })
    await perform('sign-in')
    expect(await perform('second-factor')).toEqual({ kind: 'message', name: 'invalid_second_factor' })
    if (memory.secondStep) memory.secondStep = { ...memory.secondStep, expiresAtMs: Date.now() - 1 }
    expect(await perform('second-factor')).toEqual({ kind: 'message', name: 'took_too_long' })
  })

  it('offers what the account has', async () => {
    const only = (...methods: string[]) => ({ ...SECOND_STEP, body: { ...SECOND_STEP.body, methods } })
    const { perform } = open({ 'POST auth/login': only('recovery_code') })
    expect(await perform('sign-in')).toMatchObject({ name: 'recovery_code', facts: { can_totp: undefined } })
    const other = open({ 'POST auth/login': only('totp') })
    expect(await other.perform('sign-in')).toMatchObject({ name: 'second_step', facts: { can_recover: undefined } })
  })

  it('shows how many recovery codes are left after one was used', async () => {
    const used = { ...SESSION, body: { ...SESSION.body, recovery_codes_left: 0 } }
    const { perform } = open({ 'POST auth/login': SECOND_STEP, 'POST auth/mfa': used })
    await perform('sign-in')
    expect(await perform('second-factor')).toMatchObject({ facts: { used_code_left: '0' } })
  })

  it('offers to restore a deleted account, and asks for the second step then', async () => {
    const offer = { status: 200, body: { account_status: 'deleted', restore_token: 'lk' } }
    const { perform, sent } = open({ 'POST auth/login': offer, 'POST auth/restore': SECOND_STEP })
    expect(await perform('sign-in')).toEqual({ kind: 'view', name: 'restore_offer' })
    expect(await perform('accept-restore')).toMatchObject({ name: 'second_step' })
    expect(sent[1]).toEqual(['POST', 'auth/restore', { token: 'lk' }, undefined])
  })
})

describe('an enrolment that is due', () => {
  const enrolment = { status: 200, body: { enrolment_required: true, enrolment_token: 'e' } }

  it('mails a code, shows a secret, and signs in with both codes', async () => {
    const added = { status: 201, body: { ...SESSION.body, recovery_codes: CODES } }
    const { perform, sent, memory } = open({ 'POST auth/login': enrolment, 'POST auth/enrol/totp': added })
    expect(await perform('sign-in')).toEqual({ kind: 'view', name: 'enrol' })
    expect(await perform('enrol')).toEqual({
      kind: 'view',
      name: 'enrol_totp',
      facts: { secret: 'ABCD EFGH IJ', uri: 'otpauth://totp/x' },
    })
    const outcome = await perform('add-totp', { code: '123456', mail_code: '12345678' })
    expect(outcome).toMatchObject({ name: 'codes', facts: { codes: 'AAAA\nBBBB', secret: undefined } })
    expect(sent.slice(1)).toEqual([
      ['POST', 'auth/enrol/mail', { enrolment_token: 'e' }, undefined],
      ['POST', 'auth/enrol/totp/options', { enrolment_token: 'e' }, undefined],
      [
        'POST',
        'auth/enrol/totp',
        { ticket: 't', code: '123456', mail_code: '12345678', enrolment_token: 'e' },
        undefined,
      ],
    ])
    expect(memory.session).toEqual({ accessToken: 'a', refreshToken: 'r' })
    expect(await perform('codes-saved')).toMatchObject({ name: 'security', facts: { codes: undefined } })
  })

  it('adds a passkey instead, and makes no second one for a mistyped code', async () => {
    const added = { status: 201, body: { ...SESSION.body, recovery_codes: CODES } }
    const { perform, sent, memory, made } = open({
      'POST auth/login': enrolment,
      'POST auth/enrol/passkeys/options': { status: 200, body: { ticket: 't', public_key: { challenge: 'c' } } },
      'POST auth/enrol/passkeys': [problem(401, 'invalid_mail_code'), added],
    })
    await perform('sign-in')
    await perform('enrol')
    const mistyped = { kind: 'message', name: 'invalid_mail_code' }
    expect(await perform('enrol-passkey', { mail_code: '00000000' })).toEqual(mistyped)
    expect(await perform('enrol-passkey', { mail_code: '12345678' })).toMatchObject({ name: 'codes' })
    expect(made).toEqual([{ challenge: 'c' }])
    const body = { enrolment_token: 'e', ticket: 't', credential: { id: 'new' }, mail_code: '12345678' }
    expect(sent.at(-1)).toEqual(['POST', 'auth/enrol/passkeys', body, undefined])
    expect(memory).toMatchObject({ session: { accessToken: 'a' }, made: undefined, enrolmentToken: undefined })
  })

  it('forgets a passkey that is not accepted', async () => {
    const { perform, memory } = open({
      'POST auth/enrol/passkeys/options': { status: 200, body: { ticket: 't', public_key: {} } },
      'POST auth/enrol/passkeys': problem(422, 'validation_failed'),
    })
    await perform('enrol-by-link')
    expect(await perform('enrol-passkey')).toEqual({ kind: 'message', name: 'passkey_failed' })
    expect(memory.made).toBeUndefined()
  })

  it('with an operator’s link needs no mail, and opens no session', async () => {
    const { perform, sent, memory } = open({})
    expect(await perform('enrol-by-link')).toMatchObject({ name: 'link_totp' })
    expect(await perform('add-totp', { code: '123456' })).toMatchObject({ name: 'codes' })
    expect(sent.map(([, path]) => path)).toEqual(['auth/enrol/totp/options', 'auth/enrol/totp'])
    expect(sent[0]?.[2]).toEqual({ enrolment_token: 'link' })
    expect(memory.session).toBeUndefined()
    expect(await perform('codes-saved')).toMatchObject({ kind: 'view', name: 'ask' })
  })

  it('reports a link that no longer works, and a sign-in that took too long', async () => {
    const invalid = problem(400, 'invalid_token')
    const { perform } = open({ 'POST auth/enrol/totp/options': invalid })
    expect(await perform('enrol-by-link')).toEqual({ kind: 'view', name: 'invalid_token' })
  })
})

describe('a change of factors', () => {
  const stepUp = problem(401, 'step_up_required')
  const steppedUp = { status: 200, body: { access_token: 'b' } }

  it('adds an application, and gets a token that says so', async () => {
    const renewed = { status: 200, body: { access_token: 'b', refresh_token: 'r2' } }
    const { perform, sent, memory } = open({ 'POST auth/refresh': renewed }, signedIn())
    expect(await perform('start-totp')).toMatchObject({ name: 'add_totp' })
    expect(await perform('add-totp', { code: '123456' })).toMatchObject({ name: 'codes' })
    expect(sent.slice(1)).toEqual([
      ['POST', 'users/me/totp', { ticket: 't', code: '123456' }, 'a'],
      ['POST', 'auth/refresh', { refresh_token: 'r' }, undefined],
    ])
    expect(memory.session).toEqual({ accessToken: 'b', refreshToken: 'r2' })
  })

  it.each([
    ['remove-totp', 'DELETE users/me/totp', undefined, 'totp_removed'],
    ['two-step-on', 'PUT users/me/two-step', { enabled: true }, 'two_step_on'],
    ['two-step-off', 'PUT users/me/two-step', { enabled: false }, 'two_step_off'],
    ['cancel-reset', 'DELETE users/me/factor-reset', undefined, 'reset_cancelled'],
  ] as const)('%s sends %s, and shows the factors anew', async (task, request, body, notice) => {
    const { perform, sent } = open({}, signedIn())
    expect(await perform(task)).toMatchObject({ kind: 'view', name: 'security', notice })
    expect(sent[0]).toEqual([...request.split(' '), body, 'a'])
  })

  it('says that the address has to be confirmed first', async () => {
    const { perform } = open({ 'POST users/me/totp/options': problem(403, 'email_unverified') }, signedIn())
    expect(await perform('start-totp')).toMatchObject({ kind: 'message', name: 'email_unverified' })
  })

  it('asks for the password in between, and goes on by itself', async () => {
    const made = { status: 201, body: { recovery_codes: CODES } }
    const answers = { 'POST users/me/recovery-codes': [stepUp, made], 'POST auth/step-up': steppedUp }
    const { perform, sent } = open(answers, signedIn())
    expect(await perform('make-codes')).toEqual({ kind: 'view', name: 'step_up_password' })
    const outcome = await perform('step-up', { password: 'p' })
    expect(outcome).toMatchObject({ kind: 'resumed', outcome: { name: 'codes' } })
    expect(sent.map(([, path, , token]) => `${path} ${token}`)).toEqual([
      'users/me/recovery-codes a',
      'auth/step-up a',
      'users/me/recovery-codes b',
    ])
  })

  it('asks for a code where the account accepts no single factor', async () => {
    const answers = { 'DELETE users/me/totp': stepUp, 'POST auth/step-up': problem(403, 'second_factor_required') }
    const { perform, memory } = open(answers, { ...signedIn(), stepUp: { first: 'step_up_code', two: 'step_up_code' } })
    expect(await perform('remove-totp')).toEqual({ kind: 'view', name: 'step_up_code' })
    memory.stepUp = { first: 'step_up_password', two: 'step_up_code' }
    expect(await perform('remove-totp')).toEqual({ kind: 'view', name: 'step_up_password' })
    expect(await perform('step-up', { password: 'p' })).toEqual({ kind: 'view', name: 'step_up_code' })
  })

  it('stays, with the reason, if it is refused after a step-up', async () => {
    const answers = {
      'DELETE users/me/totp': [stepUp, problem(409, 'factor_required')],
      'POST auth/step-up': steppedUp,
    }
    const { perform } = open(answers, signedIn())
    await perform('remove-totp')
    const refused = { kind: 'message', name: 'factor_required' }
    expect(await perform('step-up', { totp: '1' })).toEqual({ kind: 'resumed', outcome: refused })
  })

  it('renews an expired access token once, and signs out if the session has ended', async () => {
    const expired = problem(401, 'invalid_access_token')
    const renewed = { status: 200, body: { access_token: 'b', refresh_token: 'r2' } }
    const { perform, memory } = open(
      { 'DELETE users/me/totp': [expired, NONE], 'POST auth/refresh': renewed },
      signedIn(),
    )
    expect(await perform('remove-totp')).toMatchObject({ name: 'security' })
    expect(memory.session).toEqual({ accessToken: 'b', refreshToken: 'r2' })
    const ended = open({ 'DELETE users/me/totp': expired, 'POST auth/refresh': problem(401, 'x') }, signedIn())
    expect(await ended.perform('remove-totp')).toEqual({ kind: 'view', name: 'signed_out' })
    expect(ended.memory.session).toBeUndefined()
  })

  it('signs out, and forgets what was shown once', async () => {
    const { perform, sent, memory } = open({}, signedIn())
    expect(await perform('sign-out')).toMatchObject({ name: 'signed_out', facts: { codes: undefined } })
    expect(sent).toEqual([['POST', 'auth/logout', { refresh_token: 'r' }, undefined]])
    expect(memory.session).toBeUndefined()
  })
})
