import { describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, createClient, type SentInit } from '../../src/client/client.ts'
import { isProblem } from '../../src/client/problem.ts'
import {
  EnrolmentRequiredError,
  type SecondFactor,
  type SecondFactorPrompt,
  SecondFactorRequiredError,
} from '../../src/client/second-factor.ts'

const ORIGIN = 'https://latchkey.test'
const ASKED = { mfa_required: true, mfa_token: 'ticket', expires_in: 300, methods: ['totp', 'recovery_code'] }
const TOKENS = { access_token: 'a', token_type: 'Bearer', expires_in: 900, refresh_token: 'r', refresh_expires_in: 9 }
const CHALLENGE = { 'www-authenticate': 'Bearer max_age="300", acr_values="aal2"' }
const REQUEST = { challenge: 'c', rpId: 'id', allowCredentials: [], userVerification: 'preferred', timeout: 300000 }
const PASSKEY = {
  ...{ id: 'passkey', rawId: 'passkey', type: 'public-key' as const },
  response: { clientDataJSON: 'e30', authenticatorData: 'e30', signature: 'e30' },
  clientExtensionResults: {},
}
const RIGHT = { totp: '123456' }
const WRONG = { totp: '000000' }
const credentials = { body: { email: 'ada@example.com', password: 'p' } }

const refused = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ code, title: code }, { status, headers: { 'content-type': 'application/problem+json', ...headers } })

type Body = Readonly<Record<string, unknown>>

/** A service whose account has a second factor. It records the bodies of the requests. */
function openService(answers: Readonly<Record<string, (body: Body) => Response | Promise<Response>>> = {}) {
  const sent: { readonly path: string; readonly body: Body }[] = []
  const handlers: typeof answers = {
    login: () => Response.json(ASKED),
    mfa: ({ totp }) => (totp === RIGHT.totp ? Response.json(TOKENS) : refused(401, 'invalid_second_factor')),
    ...answers,
  }
  async function fetch(url: URL, init: SentInit) {
    const path = url.pathname.split('/').at(-1) ?? ''
    const body: Body = JSON.parse(init.body ?? '{}')
    sent.push({ path, body })
    return (await handlers[path]?.(body)) ?? new Response(null, { status: 204 })
  }
  const open = (options: Omit<ClientOptions, 'origin' | 'fetch'> = {}) =>
    createClient({ origin: ORIGIN, fetch, ...options })
  return { open, sent, bodiesOf: (path: string) => sent.filter((one) => one.path === path).map(({ body }) => body) }
}

/** A handler that gives these factors, one after the other, and then nothing. */
function giving(...factors: readonly SecondFactor[]) {
  const prompts: SecondFactorPrompt[] = []
  const secondFactor = (prompt: SecondFactorPrompt) => {
    prompts.push(prompt)
    return factors[prompts.length - 1]
  }
  return { prompts, secondFactor }
}

describe('a sign-in that needs a second factor', () => {
  it('sends what the handler returns, and keeps the session', async () => {
    const { open, bodiesOf } = openService()
    const { prompts, secondFactor } = giving(RIGHT)
    const client = open({ secondFactor })
    const answer = await client.call('login', credentials)
    expect(answer).toEqual(TOKENS)
    expect(await client.isSignedIn()).toBe(true)
    expect(prompts).toEqual([{ purpose: 'sign-in', methods: ['totp', 'recovery_code'], rejected: 0 }])
    expect(bodiesOf('mfa')).toEqual([{ mfa_token: 'ticket', totp: '123456', session_mode: 'token' }])
  })

  it('throws without a handler, and the error has what the application needs to go on by itself', async () => {
    const client = openService().open()
    const error = await client.call('login', credentials).catch((thrown: unknown) => thrown)
    expect(isProblem(error, 'mfa_required')).toBe(true)
    expect(error).toBeInstanceOf(SecondFactorRequiredError)
    expect(error).toMatchObject({ asked: ASKED })
    expect(await client.isSignedIn()).toBe(false)
  })

  it('throws if the handler returns nothing', async () => {
    const { secondFactor } = giving()
    const { open, bodiesOf } = openService()
    await expect(open({ secondFactor }).call('login', credentials)).rejects.toMatchObject({ code: 'mfa_required' })
    expect(bodiesOf('mfa')).toEqual([])
  })

  it('asks again after a wrong code, and does not ask for the password again', async () => {
    const { prompts, secondFactor } = giving(WRONG, RIGHT)
    const { open, bodiesOf } = openService()
    await open({ secondFactor }).call('login', credentials)
    expect(prompts.map(({ rejected }) => rejected)).toEqual([0, 1])
    expect([bodiesOf('login').length, bodiesOf('mfa').length]).toEqual([1, 2])
  })

  it('gives up after five wrong codes, and when the handler gives up', async () => {
    const all = giving(...Array.from({ length: 9 }, () => WRONG))
    const first = openService()
    const rejected = { code: 'invalid_second_factor' }
    await expect(first.open(all).call('login', credentials)).rejects.toMatchObject(rejected)
    expect(first.bodiesOf('mfa')).toHaveLength(5)
    const second = openService()
    await expect(second.open(giving(WRONG)).call('login', credentials)).rejects.toMatchObject(rejected)
    expect(second.bodiesOf('mfa')).toHaveLength(1)
  })

  it('does not ask again after any other refusal', async () => {
    const { prompts, secondFactor } = giving(RIGHT, RIGHT)
    const { open } = openService({ mfa: () => refused(429, 'rate_limited', { 'retry-after': '60' }) })
    const refusal = { code: 'rate_limited', retryAfterSeconds: 60 }
    await expect(open({ secondFactor }).call('login', credentials)).rejects.toMatchObject(refusal)
    expect(prompts).toHaveLength(1)
  })

  it('sends no code after a sign-out during the prompt', async () => {
    const { open, bodiesOf } = openService()
    const client = open({
      async secondFactor() {
        await client.signOut()
        return RIGHT
      },
    })
    const { code } = await client.call('login', credentials).then(
      () => ({ code: 'signed in' }),
      (error: unknown) => ({ code: isProblem(error) ? error.code : 'none' }),
    )
    expect(code).toBe('invalid_refresh_token')
    expect(bodiesOf('mfa')).toEqual([])
    expect(await client.isSignedIn()).toBe(false)
  })

  it('keeps no session, and ends it at the service, if the sign-out comes while the code is checked', async () => {
    const answer = Promise.withResolvers<Response>()
    const began = Promise.withResolvers<void>()
    const { open, bodiesOf } = openService({
      mfa() {
        began.resolve()
        return answer.promise
      },
    })
    const client = open(giving(RIGHT))
    const signIn = client.call('login', credentials).catch((error: unknown) => error)
    await began.promise
    const signOut = client.signOut()
    answer.resolve(Response.json(TOKENS))
    expect(isProblem(await signIn, 'invalid_refresh_token')).toBe(true)
    await signOut
    expect(bodiesOf('logout')).toEqual([{ refresh_token: 'r' }])
    expect(await client.isSignedIn()).toBe(false)
  })

  it('lets other calls refresh the session that is open during the prompt', async () => {
    const { open, bodiesOf } = openService({
      login: ({ email }) => Response.json(email === 'old@example.com' ? { ...TOKENS, expires_in: 0 } : ASKED),
      refresh: () => Response.json({ ...TOKENS, access_token: 'b' }),
      me: () => Response.json({ email: 'old@example.com' }),
    })
    const client = open({
      async secondFactor() {
        await client.call('getMe')
        return RIGHT
      },
    })
    await client.call('login', { body: { email: 'old@example.com', password: 'p' } })
    await client.call('login', credentials)
    expect(bodiesOf('refresh')).toHaveLength(1)
    expect(await client.accessToken()).toBe('a')
  })

  it('throws if the account must add a second factor first', async () => {
    const asked = { enrolment_required: true, enrolment_token: 'ticket', expires_in: 900, methods: ['totp'] }
    const { prompts, secondFactor } = giving(RIGHT)
    const client = openService({ login: () => Response.json(asked) }).open({ secondFactor })
    const error = await client.call('login', credentials).catch((thrown: unknown) => thrown)
    expect(isProblem(error, 'enrolment_required')).toBe(true)
    expect(error).toBeInstanceOf(EnrolmentRequiredError)
    expect(error).toMatchObject({ asked })
    expect(prompts).toEqual([])
    expect(await client.isSignedIn()).toBe(false)
  })
})

describe('a sign-in that ends with another operation', () => {
  const credential = { id: '', rawId: '', type: 'public-key' } as const
  const registration = { ...credential, response: { clientDataJSON: '', attestationObject: '' } }

  it.each([
    [
      'the first app of an account',
      'totp',
      (client: Client) => client.call('addFirstTotp', { body: { enrolment_token: 'e', ticket: 't', code: '123456' } }),
    ],
    [
      'a mailed code',
      'confirm',
      (client: Client) => client.call('confirmSignInCode', { body: { request: 'r', code: '12345678' } }),
    ],
    [
      'the first passkey of a new account',
      'passkey',
      (client: Client) =>
        client.call('signUpWithPasskey', { body: { sign_up_token: 's', ticket: 't', credential: registration } }),
    ],
  ])('keeps the session after %s, in the mode of the client', async (_, path, signIn) => {
    const tokens = { ...TOKENS, user: { id: 'u', email: null, is_verified: true } }
    const { open, bodiesOf } = openService({ [path]: () => Response.json(tokens) })
    const client = open({ mode: 'cookie' })
    expect(await signIn(client)).toEqual(tokens)
    expect(bodiesOf(path)).toMatchObject([{ session_mode: 'cookie' }])
    expect(await client.isSignedIn()).toBe(true)
    expect(bodiesOf('refresh')).toEqual([])
  })
})

describe('a step-up', () => {
  /** A service whose export needs a step-up at this level. */
  function needing(level: string | undefined, accepts: string) {
    let isProven = false
    const challenge = level === undefined ? {} : { 'www-authenticate': `Bearer max_age="300", acr_values="${level}"` }
    return openService({
      login: () => Response.json(TOKENS),
      export: () => (isProven ? Response.json({ id: 'e' }) : refused(401, 'step_up_required', challenge)),
      options: () => refused(409, 'no_factor'),
      'step-up': (body) => {
        if (!(accepts in body)) return refused(403, 'second_factor_required')
        if (body.totp === WRONG.totp) return refused(401, 'invalid_second_factor')
        isProven = true
        return Response.json({ ...TOKENS, access_token: 'b', refresh_token: undefined })
      },
    })
  }

  async function requestExport(service: ReturnType<typeof openService>, options: Parameters<typeof service.open>[0]) {
    const client = service.open(options)
    await client.call('login', credentials)
    return await client.call('requestExport')
  }

  it('is made with a code where the service names two factors, without asking for the password', async () => {
    const service = needing('aal2', 'totp')
    const { prompts, secondFactor } = giving(WRONG, RIGHT)
    let asked = 0
    const askPassword = () => String(++asked)
    expect(await requestExport(service, { secondFactor, askPassword })).toEqual({ id: 'e' })
    expect(prompts.at(-1)).toEqual({ purpose: 'step-up', methods: ['totp'], rejected: 1 })
    expect([asked, service.bodiesOf('step-up')]).toEqual([0, [WRONG, RIGHT]])
  })

  it('is made with a code where the service refuses the password of an account with two factors', async () => {
    const service = needing('aal1', 'totp')
    await requestExport(service, { ...giving(RIGHT), askPassword: () => 'p' })
    expect(service.bodiesOf('step-up')).toEqual([{ password: 'p' }, RIGHT])
  })

  it('is made with a passkey, with new options after a rejection', async () => {
    let [offers, isProven] = [0, false]
    const service = openService({
      login: () => Response.json(TOKENS),
      export: () => (isProven ? Response.json({ id: 'e' }) : refused(401, 'step_up_required', CHALLENGE)),
      options: () => Response.json({ ticket: `ticket ${++offers}`, expires_in: 300, public_key: REQUEST }),
      'step-up': ({ ticket, credential }) => {
        if (ticket === undefined) return refused(401, 'invalid_second_factor')
        isProven = (credential as Body).id === PASSKEY.id
        return isProven ? Response.json({ ...TOKENS, access_token: 'b' }) : refused(401, 'invalid_credentials')
      },
    })
    const { prompts, secondFactor } = giving(
      WRONG,
      { credential: { ...PASSKEY, id: 'other' } },
      { credential: PASSKEY },
    )
    expect(await requestExport(service, { secondFactor })).toEqual({ id: 'e' })
    const methods = ['passkey', 'totp']
    expect(prompts).toEqual(
      [0, 1, 2].map((rejected) => ({ purpose: 'step-up', methods, publicKey: REQUEST, rejected })),
    )
    const tickets = service.bodiesOf('step-up').map(({ ticket }) => ticket)
    expect([offers, tickets]).toEqual([2, [undefined, 'ticket 1', 'ticket 2']])
  })

  it('does not hide that the options were refused for another reason', async () => {
    const service = openService({
      login: () => Response.json(TOKENS),
      export: () => refused(401, 'step_up_required', CHALLENGE),
      options: () => refused(429, 'rate_limited'),
    })
    await expect(requestExport(service, giving(RIGHT))).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('is made with the password where one factor is enough, or the service names no level', async () => {
    for (const level of ['aal1', undefined]) {
      const service = needing(level, 'password')
      const { prompts, secondFactor } = giving(RIGHT)
      await requestExport(service, { secondFactor, askPassword: () => 'p' })
      expect([prompts, service.bodiesOf('step-up')]).toEqual([[], [{ password: 'p' }]])
    }
  })

  it('fails with `step_up_required` where the application gives nothing', async () => {
    const required = { code: 'step_up_required', neededLevel: 'aal2' }
    await expect(requestExport(needing('aal2', 'totp'), giving())).rejects.toMatchObject(required)
    await expect(requestExport(needing('aal2', 'totp'), {})).rejects.toMatchObject(required)
    const refusal = { code: 'second_factor_required' }
    await expect(requestExport(needing('aal2', 'totp'), { askPassword: () => 'p' })).rejects.toMatchObject(refusal)
  })
})
