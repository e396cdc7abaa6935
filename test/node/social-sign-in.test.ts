import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowserByHand } from '../support/browser-by-hand.ts'
import { codeBlocks } from '../support/code-blocks.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import {
  danceWith,
  type OidcProvider,
  type Resident,
  settingsFor,
  startOidcProvider,
} from '../support/oidc-provider.ts'

const ADA = { sub: 'ada-at-home', email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' }

// The real service and a real OpenID provider (npm's oidc-provider), each on a loopback port, over HTTP.
describe('social sign-in at a real OpenID provider', () => {
  let home: OidcProvider
  let service: DevService

  beforeAll(async () => {
    home = await startOidcProvider()
    service = await startDevService({ settings: settingsFor(home) })
    home.serve([`${service.origin}/api/v1/auth/oauth/acme/callback`])
  }, 90_000)

  afterAll(async () => {
    await service?.[Symbol.asyncDispose]()
    await home?.[Symbol.asyncDispose]()
  })

  const send = async (method: string, path: string, { body, token }: { body?: unknown; token?: string } = {}) => {
    const response = await fetch(`${service.origin}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  async function dance(resident: Resident | 'denies', link?: string) {
    home.setResident(resident)
    return danceWith(service.origin, 'acme', { redirectUri: 'http://127.0.0.1:49152/signed-in', link })
  }
  const signIn = async (resident: Resident) =>
    send('POST', '/auth/oauth/token', { body: (await dance(resident)).exchange })

  it('makes an account, finds it again after a change of address, and hands out each code once', async () => {
    const { exchange } = await dance(ADA)
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('POST', '/auth/oauth/token', { body: exchange })),
    )
    // One of them took the code. The others end its session, or keep it from opening.
    const [taken] = answers.filter(({ status }) => status !== 400)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(4)
    expect((await send('GET', '/users/me', { token: taken?.body.access_token ?? 'none' })).status).toBe(401)
    const first = (await signIn(ADA)).body
    expect(first.user).toMatchObject({ email: ADA.email, is_verified: true })
    const me = await send('GET', '/users/me', { token: first.access_token })
    expect(me.body.profile).toMatchObject({ full_name: 'Ada Lovelace', avatar_url: null })
    const again = await signIn({ ...ADA, email: 'countess@example.com', email_verified: false })
    expect(again.body.user).toEqual(first.user)
  })

  it('S3 refuses an address that the provider does not vouch for, and one that it does not know', async () => {
    expect((await dance({ sub: 'b', email: 'b@example.com', email_verified: false })).error).toBe(
      'provider_email_unverified',
    )
    expect((await dance({ sub: 'c', email: 'c@example.com' })).error).toBe('provider_email_unverified')
    expect((await dance({ sub: 'd' })).error).toBe('provider_email_unverified')
  })

  it('tells the application when the user refuses consent', async () => {
    expect((await dance('denies')).error).toBe('access_denied')
  })

  it('signs a native application in as docs/social-sign-in.md shows it', async () => {
    home.setResident({ sub: 'native', email: 'native@example.com', email_verified: true })
    await using folder = await mkdtempDisposable(join(tmpdir(), 'latchkey-native-'))
    const [script = ''] = codeBlocks('docs/social-sign-in.md', 'js')
    writeFileSync(join(folder.path, 'native.mjs'), script)
    const application = spawn(process.execPath, ['native.mjs'], {
      cwd: folder.path,
      env: { ...process.env, API: `${service.origin}/api/v1` },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface(application.stdout)[Symbol.asyncIterator]()
    const [, start = '', here = ''] = /^Open (\S+redirect_uri=([^&]+)\S+)$/.exec((await lines.next()).value ?? '') ?? []
    const back = await openBrowserByHand().follow(start, decodeURIComponent(here))
    expect(await (await fetch(back)).text()).toBe('You can close this window.')
    expect((await lines.next()).value).toBe('Signed in as native@example.com')
    await once(application, 'close')
    expect(application.exitCode).toBe(0)
  })

  it('links and unlinks, and never the last way in', async () => {
    const { body } = await signIn({ sub: 'grace', email: 'grace@example.com', email_verified: true })
    const token = body.access_token
    const [only] = (await send('GET', '/users/me/identities', { token })).body.identities
    expect((await send('DELETE', `/users/me/identities/${only.id}`, { token })).body.code).toBe('last_credential')
    const ticket = await send('POST', '/users/me/identities/acme/start', { token })
    const { exchange } = await dance({ sub: 'grace-at-work' }, ticket.body.link)
    expect((await send('POST', '/users/me/identities', { token, body: exchange })).status).toBe(201)
    expect((await send('DELETE', `/users/me/identities/${only.id}`, { token })).status).toBe(204)
    expect((await signIn({ sub: 'grace-at-work' })).body.user.id).toBe(body.user.id)
  })
})
