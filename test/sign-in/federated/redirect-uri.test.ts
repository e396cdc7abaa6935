import { describe, expect, test } from 'vitest'
import { call } from '../../support/api.ts'
import { APP, begin, providersForEachTest, socialEnv, socialSettings } from '../../support/social.ts'

const env = socialEnv()
providersForEachTest()

describe('S4 the redirect address', () => {
  test('is compared as a whole: 200 payloads are refused without a redirect', async () => {
    const payloads = redirectPayloads()
    expect(payloads.length).toBeGreaterThanOrEqual(200)
    const accepted: string[] = []
    for (const payload of payloads) {
      const { answer } = await begin('acme', { env, query: { redirect_uri: payload } })
      if (answer.status !== 422 || answer.headers.has('location')) accepted.push(payload)
    }
    expect(accepted).toEqual([])
    const { answer } = await begin('acme', { env, query: { redirect_uri: 'https://evil.test/' } })
    expect(answer.body.errors).toEqual([{ pointer: '/redirect_uri', detail: 'is not on the list' }])
  })

  test('is required once, with a challenge and without any other parameter', async () => {
    const good = new URLSearchParams({ redirect_uri: APP, code_challenge: 'x'.repeat(43) })
    const start = (query: URLSearchParams) => call(`/api/v1/auth/oauth/acme/start?${query}`, { env })
    expect((await start(good)).status).toBe(302)
    for (const spoil of [
      (query: URLSearchParams) => query.delete('redirect_uri'),
      (query: URLSearchParams) => query.append('redirect_uri', 'https://evil.test/'),
      (query: URLSearchParams) => query.delete('code_challenge'),
      (query: URLSearchParams) => query.set('code_challenge', 'short'),
      (query: URLSearchParams) => query.set('code_challenge_method', 'plain'),
      (query: URLSearchParams) => query.set('state', 'x'.repeat(513)),
      (query: URLSearchParams) => query.set('state', 'line\nfeed'),
      (query: URLSearchParams) => query.set('scope', 'admin'),
    ]) {
      const query = new URLSearchParams(good)
      spoil(query)
      expect([String(query), (await start(query)).status]).toEqual([String(query), 422])
    }
  })

  test('an unknown provider is not found, at the start and at the callback', async () => {
    for (const name of ['nobody', 'constructor', '__proto__', 'ACME', 'acme%2f..'])
      for (const step of ['start', 'callback']) {
        const query = new URLSearchParams({ redirect_uri: APP, code_challenge: 'x'.repeat(43) })
        expect((await call(`/api/v1/auth/oauth/${name}/${step}?${query}`, { env })).body.code).toBe('not_found')
      }
  })
})

/** Payloads from known open redirects, built around the addresses on the list. */
function redirectPayloads(): string[] {
  const evil = ['evil.test', 'evil.test:443', '127.0.0.1.evil.test', '[::1].evil.test']
  const hosts = evil.flatMap((host) => [
    ...[`https://${host}/callback`, `https://${host}`, `//${host}/callback`, `/\\${host}`, `https:${host}`],
    ...[`https:/${host}`, `https:///${host}`, `https:\\\\${host}`, `\thttps://${host}/`, `https://${host}/?${APP}`],
    ...[`https://${host}#${APP}`, `https://app.example@${host}/callback`, `https://app.example:443@${host}/callback`],
    ...[`https://app.example%40${host}/callback`, `https://app.example%2f@${host}/callback`],
    ...[
      `https://app.example\\@${host}/callback`,
      `https://app.example/callback@${host}`,
      `https://${host}\\.app.example/callback`,
    ],
    ...[`https://${host}%00.app.example/callback`, `https://${host}%23.app.example/callback`],
    ...[`https://${host};https://app.example/callback`, `https://${host},${APP}`, `${APP},https://${host}`],
    ...[`${APP} https://${host}`, `${APP}\nhttps://${host}`, `http://127.0.0.1@${host}/native`],
    ...[
      `http://127.0.0.1:80@${host}/native`,
      `http://127.0.0.1:1.${host}/native`,
      `com.example.app://${host}/signed-in`,
    ],
    ...[`com.example.app:@${host}`, `javascript:location='https://${host}'`, `data:text/html,<a href=https://${host}>`],
  ])
  const near = [APP, 'https://app.example/?page=in', 'http://127.0.0.1/native', 'com.example.app:/signed-in'].flatMap(
    (good) => [
      ...[`${good}/`, `${good}?`, `${good}#`, `${good}#x`, `${good}.evil`, `${good}%2e`, ` ${good}`, `${good} `],
      ...[
        `${good}%00`,
        `${good}/..`,
        `${good}/../evil`,
        `${good};x`,
        `${good}?next=https://evil.test`,
        good.toUpperCase(),
      ],
      ...[good.replace(':', '://evil.test/'), good.slice(0, -1), `${good}\u0000`, `${good}\u202e`, `x${good}`],
    ],
  )
  const spelt = [
    ...['http://app.example/callback', 'https://APP.example/callback', 'HTTPS://app.example/callback'],
    ...['https://app.example:443/callback', 'https://app.example:8443/callback', 'https://app.example./callback'],
    ...['https://app.example//callback', 'https://app.example/./callback', 'https://app.example/x/../callback'],
    ...['https://app.example/Callback', 'https://app.example/call%62ack', 'https://sub.app.example/callback'],
    ...['https://app.example.evil.test/callback', 'https://app-example/callback', 'https://аpp.example/callback'],
    ...['http://localhost/native', 'http://localhost:8000/native', 'https://127.0.0.1/native', 'http://[::1]/native'],
    ...[
      'http://127.0.0.1:0/native',
      'http://127.0.0.1:65536/native',
      'http://127.0.0.1:080/native',
      'http://127.0.0.1:/native',
    ],
    ...[
      'http://127.0.0.1:8000/other',
      'http://127.0.0.1:8000/native/',
      'http://127.0.0.1:8000/native?x',
      'http://127.0.0.1:8000',
    ],
    ...[
      'http://127.1:8000/native',
      'http://2130706433:8000/native',
      'http://0x7f.0.0.1/native',
      'http://127.0.0.2:8000/native',
    ],
    ...[
      'http://user@127.0.0.1:8000/native',
      'com.example.app:signed-in',
      'com.example.app:///signed-in',
      'urn:ietf:wg:oauth:2.0:oob',
    ],
    ...['', 'null', 'undefined', '*', 'about:blank', 'file:///etc/passwd', 'https://', 'https://*', 'x'.repeat(513)],
  ]
  const all = new Set([...hosts, ...near, ...spelt])
  for (const good of socialSettings.OAUTH_REDIRECT_URIS.split(' ')) all.delete(good)
  return [...all]
}
