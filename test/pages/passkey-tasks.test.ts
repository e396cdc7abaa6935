import { describe, expect, it } from 'vitest'
import type { Memory, OpenPage } from '../../src/pages/browser/memory.ts'
import type { JsonMembers, TaskAnswer } from '../../src/pages/browser/outcome.ts'
import type { Ceremony, PasskeySignal } from '../../src/pages/browser/passkeys.ts'
import { type TaskName, tasks } from '../../src/pages/browser/tasks.ts'

type Answers = Readonly<Record<string, TaskAnswer>>

const CREDENTIAL = { credential: { id: 'c' } }
const SESSION: TaskAnswer = { status: 200, body: { access_token: 'a', refresh_token: 'r' } }
const FACTORS = { two_step: { enabled: false }, password: { set: true }, totp: null, recovery_codes: null }

const PASSKEY = {
  id: 'p1',
  name: null,
  provider: 'Example Vault',
  created_at: '2026-01-31T12:00:00Z',
  last_used_at: null,
  synced: true,
  second_factor_only: false,
  suspended: false,
  other_domain: false,
}
const SECOND_STEP = { mfa_required: true, mfa_token: 'm', expires_in: 300, public_key: { challenge: 'y' } }

const ok = (body: JsonMembers): TaskAnswer => ({ status: 200, body })
const problem = (status: number, code: string): TaskAnswer => ({ status, body: { code } })

const defaults: Answers = {
  'auth/passkey/options': ok({ ticket: 't', public_key: { challenge: 'x', rpId: 'id.example' } }),
  'auth/passkey': SESSION,
  'users/me/factors': ok(FACTORS),
  'users/me/passkeys/options': ok({ ticket: 't', public_key: { challenge: 'x' } }),
  'users/me/passkeys': { status: 201, body: {} },
}

/** A page of a browser whose authenticator gives this answer. `null`: the browser has no passkeys. */
function open(answers: Answers, ceremony: Ceremony | null = CREDENTIAL, memory: Memory = {}) {
  const sent: [path: string, body: unknown][] = []
  const signals: PasskeySignal[] = []
  const asked: unknown[] = []
  const ask = async (publicKey: unknown): Promise<Ceremony> => {
    asked.push(publicKey)
    return ceremony ?? CREDENTIAL
  }
  const page: OpenPage = {
    send: async (path, body) => {
      sent.push([path, body])
      return answers[path] ?? defaults[path] ?? { status: 204, body: {} }
    },
    memory,
    token: '',
    language: 'en',
    passkeys:
      ceremony === null ? undefined : { prove: ask, create: ask, signal: (signal) => void signals.push(signal) },
  }
  return { sent, signals, asked, memory, perform: (name: TaskName, values = {}) => tasks[name](page, values) }
}

const signedIn = (): Memory => ({ session: { accessToken: 'a', refreshToken: 'r' } })

describe('signing in with a passkey', () => {
  it('gives the options to the browser, and its answer with the ticket to the service', async () => {
    const { perform, sent, asked, memory } = open({})
    expect(await perform('sign-in-with-passkey')).toMatchObject({ kind: 'view', name: 'security' })
    expect(asked).toEqual([{ challenge: 'x', rpId: 'id.example' }])
    expect(sent[1]).toEqual(['auth/passkey', { ticket: 't', credential: { id: 'c' } }])
    expect(memory.session?.accessToken).toBe('a')
  })

  it('leaves the form as it is if the user cancels, and sends nothing', async () => {
    const { perform, sent } = open({}, { outcome: { kind: 'none' } })
    expect(await perform('sign-in-with-passkey')).toEqual({ kind: 'none' })
    expect(sent).toHaveLength(1)
  })

  it('says what to do instead, and has a passkey deleted only if its owner removed it', async () => {
    const removed = open({ 'auth/passkey': problem(401, 'passkey_removed') })
    expect(await removed.perform('sign-in-with-passkey')).toEqual({ kind: 'message', name: 'passkey_removed' })
    expect(removed.signals).toEqual([{ kind: 'unknown', rpId: 'id.example', credentialId: 'c' }])
    const refused = open({ 'auth/passkey': problem(401, 'invalid_credentials') })
    expect(await refused.perform('sign-in-with-passkey')).toEqual({ kind: 'message', name: 'passkey_refused' })
    expect(refused.signals).toEqual([])
    const without = open({ 'auth/passkey/options': problem(503, 'misconfigured') })
    expect(await without.perform('sign-in-with-passkey')).toEqual({ kind: 'message', name: 'misconfigured' })
    expect(await open({}, null).perform('sign-in-with-passkey')).toEqual({ kind: 'message', name: 'passkey_failed' })
  })

  it('tells the browser which passkeys are left and how the account is called', async () => {
    const owner = { rp_id: 'id.example', user_handle: 'u', accepted_credential_ids: ['c'] }
    const names = { user_name: 'ada@example.com', user_display_name: 'Ada' }
    const { perform, signals } = open({ 'users/me/factors': ok({ ...FACTORS, ...owner, ...names }) })
    await perform('sign-in-with-passkey')
    const of = { rpId: 'id.example', userId: 'u' }
    const accepted = { kind: 'accepted', ...of, ids: ['c'] }
    expect(signals).toEqual([accepted, { kind: 'names', ...of, name: 'ada@example.com', displayName: 'Ada' }])
    const nameless = open({ 'users/me/factors': ok({ ...FACTORS, ...owner, user_name: null }) })
    await nameless.perform('sign-in-with-passkey')
    expect(nameless.signals).toEqual([accepted])
    const none = open({ 'users/me/factors': ok({ ...FACTORS, ...owner, rp_id: null, accepted_credential_ids: [] }) })
    await none.perform('sign-in-with-passkey')
    expect(none.signals).toEqual([])
  })
})

describe('adding a passkey', () => {
  it('sends its kind, and renews the access token', async () => {
    const { perform, sent } = open({ 'auth/refresh': SESSION }, CREDENTIAL, signedIn())
    expect(await perform('add-security-key')).toMatchObject({ name: 'security', notice: 'security_key_added' })
    expect(sent.slice(0, 3)).toEqual([
      ['users/me/passkeys/options', { kind: 'security_key' }],
      ['users/me/passkeys', { ticket: 't', credential: { id: 'c' } }],
      ['auth/refresh', { refresh_token: 'r' }],
    ])
  })

  it('shows new recovery codes', async () => {
    const added = { status: 201, body: { recovery_codes: ['AAAA', 'BBBB'] } }
    const { perform } = open({ 'users/me/passkeys': added }, CREDENTIAL, signedIn())
    expect(await perform('add-passkey')).toMatchObject({ name: 'codes', facts: { codes: 'AAAA\nBBBB' } })
  })

  it('asks for a step-up before the browser is asked', async () => {
    const { perform, asked } = open(
      { 'users/me/passkeys/options': problem(401, 'step_up_required') },
      CREDENTIAL,
      signedIn(),
    )
    expect(await perform('add-passkey')).toEqual({ kind: 'view', name: 'step_up_password' })
    expect(asked).toEqual([])
  })
})

const having = (factors: JsonMembers): Answers => ({ 'users/me/factors': ok({ ...FACTORS, ...factors }) })

describe('the passkeys of an account', () => {
  it('are rows, each with what is to be known about it', async () => {
    const other = { ...PASSKEY, id: 'p2', name: 'Key', second_factor_only: true, suspended: true, other_domain: true }
    const { perform } = open(having({ passkeys: [PASSKEY, { ...other, last_used_at: '2026-02-01T12:00:00Z' }] }))
    const outcome = await perform('sign-in-with-passkey')
    const rows = outcome.kind === 'view' ? outcome.facts?.passkeys : undefined
    expect(rows).toMatchObject([
      { id: 'p1', unnamed_passkey: '', provider: 'Example Vault', added: 'January 31, 2026', unused: '', synced: '' },
      { id: 'p2', name: 'Key', used: 'February 1, 2026', second_factor_only: '', suspended: '', other_domain: '' },
    ])
    // Neither of two that cannot be used turns two-step sign-in on.
    const unusable = open(having({ passkeys: [other, { ...PASSKEY, suspended: true }] }))
    expect(await unusable.perform('sign-in-with-passkey')).toMatchObject({ facts: { can_turn_on: undefined } })
    expect(outcome).toMatchObject({ facts: { can_turn_on: '' } })
  })

  it('are renamed and removed by their id', async () => {
    const { perform, sent } = open({}, CREDENTIAL, { ...signedIn(), chosen: 'p1' })
    expect(await perform('rename-passkey', { name: 'Phone' })).toMatchObject({ notice: 'passkey_named' })
    expect(sent[0]).toEqual(['users/me/passkeys/p1', { name: 'Phone' }])
    expect(await perform('remove-passkey')).toMatchObject({ notice: 'passkey_dropped' })
    const last = open({ 'users/me/passkeys/p1': problem(409, 'last_credential') }, CREDENTIAL, {
      ...signedIn(),
      chosen: 'p1',
    })
    expect(await last.perform('remove-passkey')).toEqual({ kind: 'message', name: 'last_credential' })
  })

  it.each([
    ['a password', {}, 'step_up_password'],
    ['only a passkey', { password: { set: false } }, 'step_up_passkey'],
    ['only a mailbox', { password: { set: false }, passkeys: [], user_name: 'e' }, 'step_up_mail'],
    ['two-step sign-in', { two_step: { enabled: true } }, 'step_up_passkey'],
    [
      'two-step sign-in and an app',
      { two_step: { enabled: true }, totp: { created_at: PASSKEY.created_at } },
      'step_up_code',
    ],
  ])('step up with what the account has: %s', async (_, factors, view) => {
    const { perform, memory } = open(having({ passkeys: [PASSKEY], ...factors }))
    await perform('sign-in-with-passkey')
    expect(memory.stepUp?.first).toBe(view)
  })

  it('step up with the ticket, and say so if the passkey is refused', async () => {
    const stepped = { status: 200, body: { access_token: 'b' } }
    const goOn: Memory = { ...signedIn(), interrupted: async () => ({ kind: 'view', name: 'codes' }) }
    const offer = ok({ ticket: 's', public_key: { challenge: 'z' } })
    const right = open({ 'auth/step-up/options': offer, 'auth/step-up': stepped }, CREDENTIAL, { ...goOn })
    expect(await right.perform('step-up-with-passkey')).toMatchObject({ kind: 'resumed', outcome: { name: 'codes' } })
    expect(right.sent[1]).toEqual(['auth/step-up', { ticket: 's', credential: { id: 'c' } }])
    const refused = problem(401, 'invalid_credentials')
    const wrong = open({ 'auth/step-up/options': offer, 'auth/step-up': refused }, CREDENTIAL, { ...goOn })
    expect(await wrong.perform('step-up-with-passkey')).toEqual({ kind: 'message', name: 'passkey_refused' })
  })
})

describe('a passkey as the second step', () => {
  const asking = (...methods: string[]) => ({ 'auth/passkey': ok({ ...SECOND_STEP, methods }) })

  it('is asked for first, and sent with the ticket of the first step', async () => {
    const { perform, sent, asked } = open({ ...asking('passkey', 'totp'), 'auth/mfa': SESSION })
    expect(await perform('sign-in-with-passkey')).toEqual({
      kind: 'view',
      name: 'passkey_step',
      facts: { can_totp: '', can_recover: undefined, can_use_passkey: '' },
    })
    expect(await perform('second-factor-passkey')).toMatchObject({ name: 'security' })
    expect(asked[1]).toEqual({ challenge: 'y' })
    expect(sent[2]).toEqual(['auth/mfa', { mfa_token: 'm', credential: { id: 'c' } }])
  })

  it('that is refused says to start again, and one that was cancelled nothing', async () => {
    const refused = open({ ...asking('passkey'), 'auth/mfa': problem(401, 'invalid_second_factor') })
    await refused.perform('sign-in-with-passkey')
    expect(await refused.perform('second-factor-passkey')).toEqual({ kind: 'message', name: 'passkey_refused' })
    const none: Ceremony = { outcome: { kind: 'none' } }
    const cancelled = open({}, none, {
      secondStep: { mfaToken: 'm', expiresAtMs: 0, publicKey: {}, goOn: async () => ({ kind: 'none' }) },
    })
    expect(await cancelled.perform('second-factor-passkey')).toEqual({ kind: 'none' })
    expect(cancelled.sent).toEqual([])
  })
})
