import { describe, expect, it } from 'vitest'
import type { Memory } from '../../src/pages/browser/memory.ts'
import type { TaskAnswer } from '../../src/pages/browser/outcome.ts'
import { type TaskName, tasks } from '../../src/pages/browser/tasks.ts'

const TOKEN = 'lk_verify_x.y'
const DONE: TaskAnswer = { status: 204, body: {} }

/** A service that gives these answers in turn, and records the requests. */
function answering(...answers: readonly TaskAnswer[]) {
  const sent: [path: string, body: unknown, accessToken?: string][] = []
  const send = async (path: string, body: unknown, accessToken?: string): Promise<TaskAnswer> => {
    sent.push(accessToken === undefined ? [path, body] : [path, body, accessToken])
    return answers[sent.length - 1] ?? DONE
  }
  return { sent, send }
}

const refused = (code: string, more: Partial<TaskAnswer> & { errors?: unknown } = {}): TaskAnswer => ({
  status: 400,
  body: { code, errors: more.errors },
  ...(more.retryAfterSeconds !== undefined && { retryAfterSeconds: more.retryAfterSeconds }),
})

async function perform(name: TaskName, values: Record<string, string>, ...answers: readonly TaskAnswer[]) {
  const { sent, send } = answering(...answers)
  const page = { send, memory: {} satisfies Memory, token: TOKEN, language: 'en' }
  return { outcome: await tasks[name](page, values), sent }
}

describe('a form', () => {
  it.each([
    ['verify-email', {}, 'auth/verify-email', { token: TOKEN }, 'done'],
    ['undo-email', {}, 'auth/undo-email', { token: TOKEN }, 'done'],
    ['keep-factors', {}, 'auth/keep-factors', { token: TOKEN }, 'done'],
    ['undo-passkey', {}, 'auth/undo-passkey', { token: TOKEN }, 'done'],
    [
      'reset-password',
      { new_password: 'p' },
      'auth/reset-password/confirm',
      { token: TOKEN, new_password: 'p' },
      'done',
    ],
    ['forgot-password', { email: 'a@b.c' }, 'auth/reset-password', { email: 'a@b.c' }, 'sent'],
    ['resend-verification', { email: 'a@b.c' }, 'auth/verify-email/resend', { email: 'a@b.c' }, 'sent'],
  ] as const)('for %s with %j posts to %s', async (name, values, path, body, view) => {
    const { outcome, sent } = await perform(name, values)
    expect(sent).toEqual([[path, body]])
    expect(outcome).toEqual({ kind: 'view', name: view })
  })

  it('reports which token was rejected, and by which step', async () => {
    const invalid = { kind: 'view', name: 'invalid_token' }
    for (const name of [
      'verify-email',
      'undo-email',
      'keep-factors',
      'undo-passkey',
      'reset-password',
      'restore',
    ] as const) {
      expect((await perform(name, {}, refused('invalid_token'))).outcome).toEqual(invalid)
      // A token with another length or alphabet than the service's.
      const errors = [{ pointer: '/token', detail: 'must have at most 512' }]
      expect((await perform(name, {}, refused('validation_failed', { errors }))).outcome).toEqual(invalid)
    }
  })

  it('names the fields that were rejected', async () => {
    const errors = [{ pointer: '/new_password', detail: 'must not be known' }]
    const { outcome } = await perform('reset-password', {}, refused('validation_failed', { errors }))
    expect(outcome).toEqual({ kind: 'fields', problems: [{ field: 'new_password', detail: 'must not be known' }] })
  })

  it('shows when to try again, and stays', async () => {
    const answer = refused('rate_limited', { retryAfterSeconds: 130 })
    const { outcome } = await perform('forgot-password', {}, answer)
    expect(outcome).toEqual({ kind: 'message', name: 'rate_limited', retryAfterSeconds: 130 })
  })

  it('stays if there was no answer, or an unknown one', async () => {
    for (const answer of [
      { status: 0, body: {} },
      { status: 502, body: {} },
      { status: 500, body: { code: 7, errors: 'x' } },
    ])
      expect((await perform('verify-email', {}, answer)).outcome).toEqual({ kind: 'message', name: 'failed' })
  })
})

describe('confirming a new address', () => {
  const session: TaskAnswer = { status: 200, body: { access_token: 'a', refresh_token: 'r' } }
  const credentials = { email: 'a@b.c', password: 'p' }
  const exchange = { code: 'c', code_verifier: 'v' }

  it.each([
    ['confirm-email', credentials, 'auth/login'],
    ['confirm-email-with-code', exchange, 'auth/oauth/token'],
  ] as const)('%s signs in, confirms and signs out again, whatever the result', async (name, values, path) => {
    for (const [answer, view] of [
      [DONE, 'done'],
      [refused('invalid_token'), 'invalid_token'],
    ] as const) {
      const { outcome, sent } = await perform(name, values, session, answer)
      expect(sent).toEqual([
        [path, values],
        ['auth/verify-email', { token: TOKEN }, 'a'],
        ['auth/logout', { refresh_token: 'r' }],
      ])
      expect(outcome).toEqual({ kind: 'view', name: view })
    }
  })

  it('asks for the second step before it uses the link', async () => {
    const asked: TaskAnswer = {
      status: 200,
      body: { mfa_required: true, mfa_token: 'm', expires_in: 300, methods: ['totp'] },
    }
    const { sent, send } = answering(asked, session, DONE)
    const page = { send, memory: {} satisfies Memory, token: TOKEN, language: 'en' }
    expect(await tasks['confirm-email'](page, credentials)).toMatchObject({ kind: 'view', name: 'second_step' })
    expect(sent).toHaveLength(1)
    expect(await tasks['second-factor'](page, { totp: '123456' })).toEqual({ kind: 'view', name: 'done' })
    expect(sent.slice(1)).toEqual([
      ['auth/mfa', { mfa_token: 'm', totp: '123456' }],
      ['auth/verify-email', { token: TOKEN }, 'a'],
      ['auth/logout', { refresh_token: 'r' }],
    ])
  })

  it('does not use up the link if the sign-in fails', async () => {
    const wrong = await perform('confirm-email', credentials, refused('invalid_credentials'))
    expect(wrong.outcome).toEqual({ kind: 'message', name: 'invalid_credentials' })
    const used = await perform('confirm-email-with-code', exchange, refused('invalid_token'))
    expect(used.outcome).toEqual({ kind: 'message', name: 'provider_failed' })
    const deleted: TaskAnswer = { status: 200, body: { account_status: 'deleted', restore_token: 't' } }
    expect((await perform('confirm-email', credentials, deleted)).outcome).toEqual({
      kind: 'view',
      name: 'invalid_token',
    })
    expect([wrong.sent.length, used.sent.length]).toEqual([1, 1])
  })
})

describe('restoring', () => {
  const session: TaskAnswer = { status: 200, body: { access_token: 'a', refresh_token: 'r' } }
  const offer: TaskAnswer = { status: 200, body: { account_status: 'deleted', restore_token: 't' } }
  const credentials = { email: 'a@b.c', password: 'p' }

  it('with a link ends the session that it starts', async () => {
    const { outcome, sent } = await perform('restore', {}, session)
    expect(sent).toEqual([
      ['auth/restore', { token: TOKEN }],
      ['auth/logout', { refresh_token: 'r' }],
    ])
    expect(outcome).toEqual({ kind: 'view', name: 'reset_required' })
  })

  it('with a password continues with the token of the answer', async () => {
    const { outcome, sent } = await perform('sign-in-and-restore', credentials, offer, session)
    expect(sent).toEqual([
      ['auth/login', credentials],
      ['auth/restore', { token: 't' }],
      ['auth/logout', { refresh_token: 'r' }],
    ])
    expect(outcome).toEqual({ kind: 'view', name: 'done' })
  })

  it('succeeds even if that session cannot be ended', async () => {
    const { outcome } = await perform('restore', {}, session, { status: 0, body: {} })
    expect(outcome).toEqual({ kind: 'view', name: 'reset_required' })
  })

  it('of an account with two-step sign-in needs no second step, because the page keeps no session', async () => {
    const asked: TaskAnswer = { status: 200, body: { mfa_required: true, mfa_token: 'm' } }
    const byLink = await perform('restore', {}, asked)
    expect(byLink.outcome).toEqual({ kind: 'view', name: 'reset_required' })
    const byPassword = await perform('sign-in-and-restore', credentials, offer, asked)
    expect(byPassword.outcome).toEqual({ kind: 'view', name: 'done' })
    expect([byLink.sent.length, byPassword.sent.length]).toEqual([1, 2])
  })

  it('of an account that is not deleted ends the session that was started', async () => {
    const { outcome, sent } = await perform('sign-in-and-restore', credentials, session)
    expect(sent.slice(1)).toEqual([['auth/logout', { refresh_token: 'r' }]])
    expect(outcome).toEqual({ kind: 'view', name: 'not_deleted' })
  })

  it('with a wrong password reports it and ends no session', async () => {
    const { outcome, sent } = await perform('sign-in-and-restore', credentials, refused('invalid_credentials'))
    expect(outcome).toEqual({ kind: 'message', name: 'invalid_credentials' })
    expect(sent).toHaveLength(1)
  })
})
