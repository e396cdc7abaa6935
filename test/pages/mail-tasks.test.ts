import { describe, expect, it } from 'vitest'
import type { KeptRequest } from '../../src/pages/browser/mail-sign-in.ts'
import type { OpenPage } from '../../src/pages/browser/memory.ts'
import type { TaskAnswer } from '../../src/pages/browser/outcome.ts'
import { type TaskName, tasks } from '../../src/pages/browser/tasks.ts'

const ASKED: TaskAnswer = { status: 202, body: { request: 'r1', expires_in: 600 } }
const SESSION: TaskAnswer = { status: 200, body: { access_token: 'a', refresh_token: 'r' } }
const SECOND_STEP: TaskAnswer = { status: 200, body: { mfa_required: true, methods: ['totp'] } }

const problem = (status: number, code: string, retryAfterSeconds?: number): TaskAnswer => ({
  status,
  body: { code },
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
})

/** A page of a browser that keeps this request, and the answer to its confirmation. */
function open(confirmed: TaskAnswer, kept?: KeptRequest) {
  const sent: [path: string, body: unknown][] = []
  const browser = { kept }
  const page: OpenPage = {
    async send(path, body) {
      sent.push([path, body])
      if (path === 'auth/email') return ASKED
      if (path === 'auth/email/confirm') return confirmed
      return { status: 200, body: {} }
    },
    memory: {},
    token: 'lk_signin_x.y',
    language: 'en',
    requests: {
      read: () => browser.kept,
      write(request) {
        browser.kept = request
      },
      remove() {
        browser.kept = undefined
      },
    },
  }
  return { sent, browser, page, perform: (name: TaskName, values = {}) => tasks[name](page, values) }
}

const KEPT: KeptRequest = { request: 'r0', expiresAtMs: Date.now() + 60_000 }

describe('a mail that signs in', () => {
  it('L2 is asked for, and its request is kept for the code', async () => {
    const { perform, sent, browser } = open(SESSION)
    expect(await perform('mail-code', { email: 'e' })).toMatchObject({ kind: 'view', name: 'mail_code' })
    expect(browser.kept).toMatchObject({ request: 'r1' })
    expect(await perform('sign-in-by-code', { mail_code: '12345678' })).toMatchObject({ name: 'security' })
    expect(sent.slice(0, 2)).toEqual([
      ['auth/email', { email: 'e' }],
      ['auth/email/confirm', { request: 'r1', code: '12345678' }],
    ])
    expect(browser.kept).toBeUndefined()
  })

  it('replaces the request that the browser kept', async () => {
    const { perform, sent } = open(SESSION, KEPT)
    await perform('mail-code', { email: 'e' })
    expect(sent).toEqual([['auth/email', { email: 'e', previous: 'r0' }]])
  })

  it('L2 signs in by its link with the request of another tab, and otherwise nothing is sent', async () => {
    const { perform, sent, browser } = open(SECOND_STEP, KEPT)
    expect(await perform('sign-in-by-link')).toMatchObject({ name: 'second_step' })
    expect(sent).toEqual([['auth/email/confirm', { request: 'r0', token: 'lk_signin_x.y' }]])
    expect(browser.kept).toBeUndefined()
    const elsewhere = open(SESSION)
    expect(await elsewhere.perform('sign-in-by-link')).toEqual({ kind: 'view', name: 'open_elsewhere' })
    expect(elsewhere.sent).toEqual([])
    expect(await elsewhere.perform('sign-in-by-code')).toEqual({ kind: 'message', name: 'took_too_long' })
  })

  it.each([
    [problem(400, 'invalid_token'), { kind: 'message', name: 'mail_code_wrong' }],
    [problem(422, 'validation_failed'), { kind: 'message', name: 'mail_code_refused' }],
    [problem(429, 'rate_limited', 90), { kind: 'message', name: 'mail_codes_used_up', retryAfterSeconds: 90 }],
    [problem(403, 'account_suspended'), { kind: 'message', name: 'account_suspended' }],
  ])('stays at the code after %j, and keeps the request', async (answer, outcome) => {
    const { perform, browser } = open(answer, KEPT)
    expect(await perform('sign-in-by-code', { mail_code: '1' })).toEqual(outcome)
    expect(browser.kept).toBe(KEPT)
  })

  it('L4 says that a link which was used does not work any more', async () => {
    expect(await open(problem(400, 'invalid_token'), KEPT).perform('sign-in-by-link')).toEqual({
      kind: 'view',
      name: 'invalid_token',
    })
  })
})

describe('a step-up by mail', () => {
  it('sends the code with the request, and stays if it is wrong', async () => {
    const stepped = { status: 200, body: { access_token: 'b' } }
    const answers = [problem(400, 'invalid_token'), problem(422, 'validation_failed'), stepped]
    const sent: unknown[] = []
    const page: OpenPage = {
      async send(path, body) {
        sent.push([path, body])
        return path === 'auth/email' ? ASKED : (answers.shift() ?? stepped)
      },
      memory: {
        address: 'e',
        session: { accessToken: 'a', refreshToken: 'r' },
        interrupted: async () => ({ kind: 'view', name: 'codes' }),
      },
      token: '',
      language: 'en',
    }
    expect(await tasks['step-up-mail'](page, {})).toEqual({ kind: 'view', name: 'step_up_mail_code' })
    const confirm = () => tasks['step-up-by-mail-code'](page, { mail_code: '12345678' })
    expect(await confirm()).toEqual({ kind: 'message', name: 'mail_code_wrong' })
    await confirm()
    expect(await confirm()).toEqual({ kind: 'resumed', outcome: { kind: 'view', name: 'codes' } })
    expect(sent.slice(0, 2)).toEqual([
      ['auth/email', { email: 'e' }],
      ['auth/step-up', { email_code: '12345678', request: 'r1' }],
    ])
  })
})
