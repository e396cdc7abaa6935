import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../src/cli/dev/free-port.ts'
import { totpCode } from '../../src/crypto/totp.ts'
import { foreignVectors } from '../crypto/passwords/foreign/vectors.ts'
import { type CreationOptions, newAuthenticator, type RequestOptions } from '../support/authenticator.ts'
import { codeBlocks } from '../support/code-blocks.ts'
import { runLatchkey } from '../support/command-runs.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { change } from '../support/local-database.ts'

const EXAMPLES = 'docs/examples'
const email = 'ada@example.com'
const password = 'correct horse battery staple'

type Tokens = { readonly access_token: string; readonly refresh_token: string }
type Offer = { readonly secret: string; readonly ticket: string }
type Started = { readonly id: string }

let service: DevService
let folder: string

/** Where the application with a server runs, and where the page of the one without would be served. */
let app: string
const PAGE = 'http://localhost:5173/single-page-app.html'

beforeAll(async () => {
  app = `http://localhost:${await findFreePort(18_090)}`
  folder = mkdtempSync(join(tmpdir(), 'latchkey-examples-'))
  service = await startDevService({ settings: { RETURN_ADDRESSES: `${app}/signed-in,${PAGE}` } })
  expect((await post('/api/v1/auth/register', { email, password })).status).toBe(201)
}, 120_000)

afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Signs in with the password alone. */
const signIn = async (account = { email, password }) =>
  (await (await post('/api/v1/auth/login', account)).json()) as Tokens

/**
 * Adds an authenticator app, or replaces it, by a code of the step before, so that the present one is unused.
 * A code is too old if the step ends meanwhile: then it is tried again. @returns the secret, base32
 */
async function newApp(token: string): Promise<string> {
  const offer = (await (await post('/api/v1/users/me/totp/options', {}, token)).json()) as Offer
  const code = totpCode(offer.secret, Date.now() - 30_000)
  const { status } = await post('/api/v1/users/me/totp', { ticket: offer.ticket, code }, token)
  if (status === 401) return await newApp(token)
  expect(status).toBe(201)
  return offer.secret
}

/** In place of the links that the service prints when somebody registers. */
const proveAddresses = () => change(service, 'UPDATE users SET is_verified = 1')

const post = (path: string, body: object, token?: string): Promise<Response> =>
  fetch(service.origin + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // While a command runs synchronously, this process does not notice that an idle connection was closed.
      connection: 'close',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })

it.each(readdirSync(EXAMPLES))('%s has less than 60 lines', (name) => {
  expect(readFileSync(join(EXAMPLES, name), 'utf8').trimEnd().split('\n').length).toBeLessThan(60)
})

describe('the resource server in plain Node', () => {
  let server: ChildProcess
  let origin: string

  beforeAll(async () => {
    const port = await findFreePort(18_080)
    origin = `http://127.0.0.1:${port}`
    const settings = { ISSUER: service.origin, PORT: String(port) }
    server = spawn(process.execPath, [join(EXAMPLES, 'resource-server-node.ts')], {
      env: { ...process.env, ...settings },
    })
    while (!(await fetch(origin).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 50))
  })

  afterAll(async () => {
    if (server.kill()) await once(server, 'close')
  })

  const ask = (token: string) => fetch(origin, { headers: { authorization: `Bearer ${token}` } })

  it('answers clients with a token, and no others', async () => {
    const answer = await post('/api/v1/auth/login', { email, password })
    const { access_token: token, user } = (await answer.json()) as { access_token: string; user: { id: string } }
    expect(await (await ask(token)).json()).toEqual({ user_id: user.id, roles: [] })
    const refused = await ask(`${token.slice(0, -4)}AAAA`)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect((await fetch(origin)).status).toBe(401)
  })
})

describe('the command-line client', () => {
  const run = (args: string[], input = '', TOTP?: string) => {
    const SESSION_FILE = join(folder, 'config', 'session.json')
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(EXAMPLES, 'command-line.ts'), ...args], {
      input,
      encoding: 'utf8',
      env: { ...process.env, LATCHKEY: service.origin, SESSION_FILE, ...(TOTP !== undefined && { TOTP }) },
    })
    return { status, stdout, stderr, file: SESSION_FILE }
  }

  it('signs in, stays signed in, and signs out', () => {
    expect(run(['whoami'])).toMatchObject({ status: 1, stderr: expect.stringContaining('Sign in first.') })
    expect(run(['sign-in', email], 'a wrong one\n')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('wrong'),
    })
    const { file, ...signedIn } = run(['sign-in', email], `${password}\n`)
    expect(signedIn).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(run(['whoami'])).toMatchObject({ status: 0, stdout: `${email}\n` })
    expect(run(['sign-out'])).toMatchObject({ status: 0 })
    expect(run(['whoami']).status).toBe(1)
  })

  it('signs in with two factors', async () => {
    const tia = { email: 'tia@example.com', password }
    await post('/api/v1/auth/register', tia)
    proveAddresses()
    const { access_token } = await signIn(tia)
    const code = totpCode(await newApp(access_token), Date.now())
    const sign = (totp?: string) => run(['sign-in', tia.email], `${password}\n`, totp)
    expect(sign()).toMatchObject({ status: 1, stderr: 'The sign-in needs a second factor.\n' })
    expect(sign(code)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(run(['whoami']).stdout).toBe(`${tia.email}\n`)
    expect(sign(code)).toMatchObject({ status: 1, stderr: expect.stringContaining('already used') })
  })
})

describe('the commands that move users', () => {
  const runWith = (totp: string | undefined, ...words: string[]) =>
    runLatchkey(words, {
      ROOT_KEYS: `1:${service.rootKey.toString('base64url')}`,
      LATCHKEY_EMAIL: email,
      LATCHKEY_PASSWORD: password,
      ...(totp !== undefined && { LATCHKEY_TOTP: totp }),
    })
  const run = (...words: string[]) => runWith(undefined, ...words)
  const linesOf = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))

  it('import a file, report the refused lines, and export all users', async () => {
    const [old, all] = [join(folder, 'users.ndjson'), join(folder, 'all.ndjson')]
    const { hash, password: oldPassword } = foreignVectors['ASP.NET Identity 2'] ?? { hash: '', password: '' }
    const users = Array.from({ length: 51 }, (_, i) => JSON.stringify({ email: `moved${i}@example.com` }))
    const mover = JSON.stringify({ email: 'mover@example.com', password_hash: hash })
    const lines = [mover, '{broken', ...users, '{"email":"a@example.com","email":"b@example.com"}']
    // As jq writes it: U+2028 does not end a line.
    const split = JSON.stringify({ email: 'split@example.com', bio: 'one\u2028two\u2029three' })
    writeFileSync(old, `\ufeff${[split, ...lines].join('\r\n')}`)
    const url = ['--url', service.origin]
    expect(run('users', 'import', old, ...url)).toMatchObject({ status: 1, stdout: '' })
    expect(run('admin', 'grant', email, '--persist-to', service.state).status).toBe(0)

    const tokens = await signIn()
    proveAddresses()
    const secret = await newApp(tokens.access_token)
    expect(run('users', 'import', old, ...url)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('set LATCHKEY_TOTP'),
    })
    const first = runWith(secret, 'users', 'import', old, ...url)
    expect(first).toMatchObject({ status: 1, stderr: '' })
    expect(first.stdout).toBe(`53 users were imported. 2 lines were refused: see ${old}.refused\n`)
    expect(linesOf(`${old}.refused`)).toEqual([
      { line: 3, code: 'not_json', member: null },
      { line: 55, code: 'duplicate_member', member: null },
    ])
    const ids = new Map(linesOf(`${old}.ids`).map(({ line, id }) => [id, line]))
    expect(ids.size).toBe(53)
    for (const result of ['ids', 'refused']) expect(statSync(`${old}.${result}`).mode & 0o777, result).toBe(0o600)
    // Lines of another file would have the same numbers.
    expect(run('users', 'import', old, ...url)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('exists'),
    })
    expect((await post('/api/v1/auth/login', { email: 'mover@example.com', password: oldPassword })).status).toBe(200)

    const renewed = await post('/api/v1/auth/refresh', { refresh_token: tokens.refresh_token })
    const { access_token } = (await renewed.json()) as Tokens
    const code = totpCode(await newApp(access_token), Date.now())
    expect(runWith(code, 'users', 'export', all, ...url)).toMatchObject({ status: 0, stderr: '' })
    expect(runWith(code, 'users', 'export', join(folder, 'again.ndjson'), ...url)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'Could not finish: the service refused the code in LATCHKEY_TOTP: it is wrong, or was used before\n',
    })
    expect(statSync(all).mode & 0o777).toBe(0o600)
    const moved = linesOf(all)
    // Beside those of the file, two users of the tests above.
    expect(moved).toHaveLength(ids.size + 2)
    const lineOf = (address: string) => ids.get(moved.find((user) => user.email === address)?.id)
    expect(
      [email, 'split@example.com', 'mover@example.com', 'moved0@example.com', 'moved50@example.com'].map(lineOf),
    ).toEqual([undefined, 1, 2, 4, 54])
    expect(moved.find((user) => user.email === 'split@example.com').bio).toBe('one\u2028two\u2029three')

    // The state file of an interrupted import of version 0.1.
    const half = join(folder, 'half.ndjson')
    writeFileSync(half, ['ann', 'bob', 'cyd'].map((name) => `{"email":"${name}@example.com"}\n`).join(''))
    const asOperator = async (path: string, body: object) =>
      (await post(`/api/v1/admin${path}`, { reason: 'maintenance', ...body }, access_token)).json() as Promise<Started>
    const { id } = await asOperator('/imports', {})
    await asOperator(`/imports/${id}/users`, { first_line: 1, users: [{ email: 'ann@example.com' }] })
    writeFileSync(`${half}.import`, `${JSON.stringify({ import_id: id })}\n`)
    const resumed = runWith(await newApp(access_token), 'users', 'import', half, ...url, '--json')
    expect({ ...resumed, stdout: JSON.parse(resumed.stdout) }).toEqual({
      status: 0,
      stderr: 'Continuing with line 2.\n',
      stdout: { import_id: id, imported: 3, refused: 0 },
    })
    expect(existsSync(`${half}.import`)).toBe(false)
    expect(linesOf(`${half}.ids`).map(({ line }) => line)).toEqual([1, 2, 3])

    const local = ['--persist-to', service.state, '--json']
    expect(JSON.parse(run('erasures', 'list', ...local).stdout)).toEqual({ erasures: [] })
  }, 120_000)
})

/** The blocks of commands of a section, which ends at the next heading of its level. */
function commandsIn(page: string, heading: string): string[] {
  const [, rest = ''] = readFileSync(page, 'utf8').split(`\n${heading}\n`)
  const [section = ''] = rest.split('\n## ')
  return codeBlocks(page, 'sh').filter((block) => section.includes(block))
}

describe('the first session in README.md, and what docs/second-factors.md shows', () => {
  const walker = 'walker@example.com'
  const session = commandsIn('README.md', '## A first session')
  // A walk begins right after signing in, and the session of README.md has ended at its end.
  const [names = '', , signingIn = ''] = session
  const prepared = (blocks: string[]) =>
    blocks.join('\n').replaceAll(email, walker).replace('http://localhost:8787', service.origin)

  it('answer as they say, also when the digits of a mail are typed in', async () => {
    const factors = codeBlocks('docs/second-factors.md', 'sh')
    expect([session.length, factors.length]).toEqual([5, 6])
    const first = spawnSync('bash', ['-e', '-c', prepared(session)], { encoding: 'utf8' })
    proveAddresses()
    const script = prepared([names, signingIn, ...factors])
      .replace('reset-factors', `reset-factors --persist-to ${service.state} >/dev/null`)
      .replace('mail_code=12345678', 'read -r mail_code')
    const ROOT_KEYS = `1:${service.rootKey.toString('base64url')}`
    const walk = spawn('bash', ['-e', '-c', script], { env: { ...process.env, ROOT_KEYS } })
    const output = Promise.all([text(walk.stdout), text(walk.stderr)])
    const mailedCode = () => /^Mail: Your code for .*\n +(\d{8})$/m.exec(service.printed())?.[1]
    while (walk.exitCode === null && mailedCode() === undefined) await new Promise((resolve) => setTimeout(resolve, 50))
    walk.stdin.end(`${mailedCode()}\n`)
    const [stdout, stderr] = await output
    const answers = (first.stdout + stdout)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const signedIn = expect.objectContaining({ access_token: expect.any(String), token_type: 'Bearer' })
    const codes = expect.objectContaining({ length: 10 })
    expect(answers, first.stderr + stderr).toEqual([
      { id: expect.any(String), message: 'User registered successfully.' },
      signedIn,
      expect.objectContaining({ status: 'active' }),
      expect.objectContaining({ profile: expect.objectContaining({ bio: 'Computes.' }) }),
      signedIn,
      204,
      expect.objectContaining({ code: 'invalid_access_token' }),
      signedIn,
      { recovery_codes: codes },
      expect.objectContaining({ mfa_required: true, expires_in: 300, methods: ['totp', 'recovery_code'] }),
      expect.objectContaining({ access_token: expect.any(String), recovery_codes_left: 9 }),
      { message: 'A mail with the code is on its way.' },
      expect.objectContaining({ access_token: expect.any(String), recovery_codes: codes }),
    ])
  })

  it('add a passkey in a browser, and sign in with it', async () => {
    const keeper = { email: 'keeper@example.com', password }
    await post('/api/v1/auth/register', keeper)
    proveAddresses()
    const { access_token: token } = await signIn(keeper)
    const device = newAuthenticator({ origin: service.origin })
    const asJson = async (answer: Promise<object>) => {
      const credential = await answer
      return { toJSON: () => credential }
    }
    const [script] = codeBlocks('docs/second-factors.md', 'js')
    const session = await runInNewContext(`(async () => {${script}; return session})()`, {
      post: async (path: string, body = {}) => (await post(`/api/v1${path}`, body, token)).json(),
      PublicKeyCredential: {
        parseCreationOptionsFromJSON: (options: CreationOptions) => options,
        parseRequestOptionsFromJSON: (options: RequestOptions) => options,
      },
      navigator: {
        credentials: {
          create: (asked: { publicKey: CreationOptions }) => asJson(device.create(asked.publicKey)),
          get: (asked: { publicKey: RequestOptions }) => asJson(device.get(asked.publicKey)),
        },
      },
    })
    expect(session).toMatchObject({ access_token: expect.any(String), user: { email: keeper.email } })
  })
})

describe('the walk of an operator in docs/operators.md', () => {
  const operator = 'olga@example.com'
  /**
   * In place of `npx latchkey dev totp`: the present code, then the next one, so that no code is used twice.
   */
  const shim = (used: string) => `#!${process.execPath}
    import { existsSync, writeFileSync } from 'node:fs'
    import { totpCode } from '${join(process.cwd(), 'src/crypto/totp.ts')}'
    const early = existsSync('${used}') ? 30_000 : 0
    writeFileSync('${used}', '')
    process.stdout.write(totpCode(process.argv.at(-1), Date.now() + early))`

  it('adds an authenticator app, signs in with it, and finds and changes an account', async () => {
    const register = async (address: string) =>
      (await (await post('/api/v1/auth/register', { email: address, password })).json()) as Started
    const { id } = await register(operator)
    await register('eve@example.com')
    proveAddresses()
    // In place of `latchkey admin grant`, which a test above runs.
    change(service, "INSERT INTO user_roles (user_id, role) VALUES (?, 'admin')", id)

    const bin = mkdtempSync(join(folder, 'bin-'))
    writeFileSync(join(bin, 'npx'), shim(join(bin, 'used')), { mode: 0o755 })
    const [, signingIn, again, finding, changing] = codeBlocks('docs/operators.md', 'sh')
    const walk = [signingIn, finding, changing, again, finding].join('\n')
    const script = walk.replace('http://localhost:8787', service.origin).replaceAll(email, operator)
    const { stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    })
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers, stderr).toEqual([
      { recovery_codes: expect.objectContaining({ length: 10 }) },
      { users: [expect.objectContaining({ email: 'e***@example.com' })], next_cursor: null },
      expect.objectContaining({ email: 'eve@example.com', is_revealed: true }),
      { locks: [expect.objectContaining({ policy: 'register', is_blocked: false })] },
      { cleared: 1 },
      expect.objectContaining({ status: 'suspended' }),
      expect.objectContaining({ status: 'active' }),
      { users: [expect.objectContaining({ email: 'e***@example.com' })], next_cursor: null },
      expect.objectContaining({ email: 'eve@example.com', is_revealed: true }),
    ])
  })
})

describe('an application whose people sign in on the pages, as docs/your-application.md says', () => {
  const walker = { email: 'app@example.com', password }

  beforeAll(async () => {
    await post('/api/v1/auth/register', walker)
  })

  /**
   * What the page at this address does for a person who signs in and presses a button.
   * @returns where it goes
   */
  async function pressOnThePage(address: string, button: 'Continue' | 'Cancel'): Promise<string> {
    const { origin, pathname, searchParams } = new URL(address)
    expect([origin, pathname]).toEqual([service.origin, '/account/sign-in'])
    const checked = await fetch(`${service.origin}/api/v1/auth/return?${searchParams}`)
    const { host, denied } = (await checked.json()) as { host: string; denied: string }
    expect([app, PAGE].map((place) => new URL(place).host)).toContain(host)
    if (button === 'Cancel') return denied
    const headers = { 'content-type': 'application/json', origin, connection: 'close' }
    const body = JSON.stringify({ ...walker, session_mode: 'cookie' })
    const signedIn = await fetch(`${origin}/api/v1/auth/login`, { method: 'POST', headers, body })
    const { access_token } = (await signedIn.json()) as Tokens
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';')
    const proofs = { cookie, authorization: `Bearer ${access_token}` }
    const asked = JSON.stringify(Object.fromEntries(searchParams))
    const answer = await fetch(`${origin}/api/v1/auth/return`, {
      method: 'POST',
      headers: { ...headers, ...proofs },
      body: asked,
    })
    return ((await answer.json()) as { location: string }).location
  }

  describe('with a server', () => {
    let server: ChildProcess

    beforeAll(async () => {
      const [command = ''] = codeBlocks('docs/your-application.md', 'sh')
      const file = /^LATCHKEY=http:\/\/localhost:8787 npx node (\S+)\n$/.exec(command)?.[1] ?? ''
      server = spawn(process.execPath, [file], { env: { ...process.env, LATCHKEY: service.origin, APP: app } })
      while (!(await fetch(app).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 50))
    })

    afterAll(async () => {
      if (server.kill()) await once(server, 'close')
    })

    /** A browser, as far as the application needs one. */
    function newBrowser() {
      let cookie = ''
      return async (address: string, method = 'GET') => {
        const init = { method, redirect: 'manual', headers: { cookie, connection: 'close' } } as const
        const response = await fetch(new URL(address, app), init)
        const [set] = (response.headers.get('set-cookie') ?? '').split(';')
        if (set) cookie = set
        return { location: response.headers.get('location') ?? '', text: await response.text(), cookie }
      }
    }

    it('gets them back signed in, keeps them, and signs them out', async () => {
      const visit = newBrowser()
      expect((await visit('/')).text).toContain('Sign in')
      const { location, cookie } = await visit('/sign-in')
      const back = await visit(await pressOnThePage(location, 'Continue'))
      expect([back.location, back.text]).toEqual(['/', ''])
      expect(back.cookie).not.toBe(cookie)
      expect((await visit('/')).text).toContain(`Signed in as ${walker.email}`)
      await visit('/sign-out', 'POST')
      expect((await visit('/')).text).not.toContain(walker.email)
    })

    it('signs in neither the person who gave up, nor one who brings the answer of another browser', async () => {
      const [ada, eve] = [newBrowser(), newBrowser()]
      expect((await ada(await pressOnThePage((await ada('/sign-in')).location, 'Cancel'))).text).toContain(
        'access_denied',
      )
      const ofEve = await pressOnThePage((await eve('/sign-in')).location, 'Continue')
      await ada('/sign-in')
      for (const answer of [ofEve, `${app}/signed-in?code=x&state=%3Cscript%3E`, `${app}/signed-in`])
        expect((await ada(answer)).text).toMatch(/^invalid_state /)
      const state = new URL((await ada('/sign-in')).location).searchParams.get('state')
      const ofAnother = await ada(`${app}/signed-in?code=x&state=${state}&iss=https%3A%2F%2Fevil.example`)
      expect(ofAnother.text).toMatch(/^invalid_issuer /)
      expect((await ada('/')).text).toContain('Sign in')
      expect((await eve(ofEve)).location).toBe('/')
    })
  })

  describe('without one', () => {
    const [, script = ''] =
      /<script type="module">([\s\S]*)<\/script>/.exec(readFileSync(join(EXAMPLES, 'single-page-app.html'), 'utf8')) ??
      []

    /** Runs the script of the page in a tab. @returns what it shows, and where its buttons lead */
    async function open(address: string, tab: Map<string, string>) {
      const { origin, pathname, search } = new URL(address)
      const elements: Record<string, { textContent?: string; onclick?: () => Promise<void> }> = {}
      const seen = { left: '', bar: address }
      await runInNewContext(`(async () => {${script.replace('http://localhost:8787', service.origin)}})()`, {
        ...{ URLSearchParams, TextEncoder, Uint8Array, crypto, btoa },
        document: { querySelector: (name: string) => (elements[name] ??= {}) },
        location: { origin, pathname, search, assign: (to: string) => Object.assign(seen, { left: to }) },
        history: { replaceState: (_: null, __: string, to: string) => Object.assign(seen, { bar: to }) },
        sessionStorage: {
          getItem: (name: string) => tab.get(name) ?? null,
          setItem: (name: string, value: string) => tab.set(name, value),
          clear: () => tab.clear(),
        },
        fetch: async (to: string, init: RequestInit) => {
          const answer = await fetch(to, { ...init, headers: { ...init.headers, origin, connection: 'close' } })
          expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
          return answer
        },
      })
      const press = async (name: string) => {
        await elements[name]?.onclick?.()
        return seen.left
      }
      return { press, bar: seen.bar, text: () => elements.p?.textContent }
    }

    it('gets them back signed in, with no code in the address bar, and signs them out', async () => {
      const tab = new Map<string, string>()
      const before = await open(PAGE, tab)
      expect(before.text()).toBe('Signed out')
      const answer = await pressOnThePage(await before.press('#sign-in'), 'Continue')
      const after = await open(answer, tab)
      expect([after.text(), after.bar, tab.size]).toEqual([`Signed in as ${walker.email}`, PAGE, 0])
      await after.press('#sign-out')
      expect(after.text()).toBe('Signed out')
      expect((await open(answer, tab)).text()).toBe('This sign-in was not begun here.')
    })

    it('shows that they gave up, and takes no answer of another tab', async () => {
      const [tab, other] = [new Map<string, string>(), new Map<string, string>()]
      const denied = await pressOnThePage(await (await open(PAGE, tab)).press('#sign-in'), 'Cancel')
      expect((await open(denied, other)).text()).toBe('This sign-in was not begun here.')
      expect((await open(denied, tab)).text()).toBe('Not signed in: access_denied')
    })
  })
})
