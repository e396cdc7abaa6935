import { describe, expect, it, test } from 'vitest'
import { listenToConsole } from '../../support/console.ts'
import { dance, json, newAccount, type ProviderName, providersForEachTest, socialEnv } from '../../support/social.ts'

// With hyphens, underscores and dots, as in Google's client ids.
const GOOGLE_LIKE = { clientId: '12345-abc.apps.example.com', clientSecret: 'GOCSPX-aB_cD-eF12' }

/** The characters that RFC 6749 allows in a client id and a secret (appendices A.1 and A.2). */
const VSCHARS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i))
/** The characters that the header has percent-encoded. */
const ENCODED = VSCHARS.filter((character) => !/[A-Za-z0-9]/.test(character))

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}
type Method = 'client_secret_basic' | 'client_secret_post'

const providers = providersForEachTest()

interface Entry extends Credentials {
  readonly method?: Method | undefined
}

function envWith(name: ProviderName, { clientId, clientSecret, method }: Entry): Env {
  const kind = name === 'acme' ? { kind: 'oidc', issuer: 'https://id.acme.test' } : { kind: name }
  const entry = { ...kind, client_id: clientId, ...(method && { token_endpoint_auth_method: method }) }
  return socialEnv({
    OAUTH_PROVIDERS: JSON.stringify({ [name]: entry }),
    [`OAUTH_${name.toUpperCase()}_CLIENT_SECRET`]: clientSecret,
  })
}

/** Decodes as RFC 6749 section 2.3.1 requires: as `URLSearchParams` reads a form. */
const decodeForm = (text: string) => new URLSearchParams(`x=${text}`).get('x') ?? ''

/** A provider that knows one client, and that decodes the header or compares its bytes. */
function stand({ clientId, clientSecret }: Credentials, reading: 'decodes' | 'compares bytes') {
  const read = reading === 'decodes' ? decodeForm : (text: string) => text
  const requests: { authorization: string | null; form: Record<string, string> }[] = []
  providers.bend((claims) => ({ ...claims, aud: clientId }))
  providers.guard((headers, form) => {
    const authorization = headers.get('authorization')
    requests.push({ authorization, form: Object.fromEntries(form) })
    const text = authorization === null ? undefined : atob(authorization.replace('Basic ', ''))
    const [id, secret] =
      text === undefined
        ? [form.get('client_id'), form.get('client_secret')]
        : [read(text.slice(0, text.indexOf(':'))), read(text.slice(text.indexOf(':') + 1))]
    return id === clientId && secret === clientSecret ? undefined : json({ error: 'invalid_client' }, 401)
  })
  return requests
}

async function signIn(name: ProviderName, entry: Entry) {
  const { handed } = await dance(providers, name, newAccount(), { env: envWith(name, entry) })
  return handed.get('error') ?? 'signed in'
}

describe('Google', () => {
  it('gets id and secret in the form, where encoding cannot alter them', async () => {
    const requests = stand(GOOGLE_LIKE, 'compares bytes')
    expect(await signIn('google', GOOGLE_LIKE)).toBe('signed in')
    expect(requests).toEqual([
      {
        authorization: null,
        form: {
          client_id: '12345-abc.apps.example.com',
          client_secret: 'GOCSPX-aB_cD-eF12',
          grant_type: 'authorization_code',
          code: expect.any(String),
          code_verifier: expect.any(String),
          redirect_uri: 'https://latchkey.test/api/v1/auth/oauth/google/callback',
        },
      },
    ])
  })
})

describe('any other OpenID provider', () => {
  it('gets id and secret percent-encoded in the header by default', async () => {
    const requests = stand(GOOGLE_LIKE, 'decodes')
    expect(await signIn('acme', GOOGLE_LIKE)).toBe('signed in')
    expect(requests).toMatchObject([
      { authorization: `Basic ${btoa('12345%2Dabc%2Eapps%2Eexample%2Ecom:GOCSPX%2DaB%5FcD%2DeF12')}` },
    ])
    expect(requests[0]?.form).not.toHaveProperty('client_secret')
  })

  test.each<[Method, Method]>([
    ['client_secret_basic', 'client_secret_post'],
    ['client_secret_post', 'client_secret_basic'],
  ])('that refuses the client has the log name the method that is not %s', async (method, other) => {
    const { lines, text } = listenToConsole()
    const requests = stand({ ...GOOGLE_LIKE, clientSecret: 'another secret' }, 'decodes')
    expect(await signIn('acme', { ...GOOGLE_LIKE, method })).toBe('provider_rejected')
    expect(lines('provider_failed')).toMatchObject([
      { provider: 'acme', reason: 'invalid_client', other_token_endpoint_auth_method: other },
    ])
    expect(requests).toHaveLength(1)
    expect(text()).not.toContain('GOCSPX')
  })

  it('is logged with the other method if it answers with a challenge, and without if it refuses the code', async () => {
    const { lines } = listenToConsole()
    const challenge = { 'www-authenticate': 'Basic realm="acme"', 'content-type': 'application/json' }
    providers.guard(() => new Response('{"error":"invalid_client"}', { status: 401, headers: challenge }))
    expect(await signIn('acme', GOOGLE_LIKE)).toBe('provider_rejected')
    providers.guard(() => json({ error: 'invalid_grant' }, 400))
    expect(await signIn('acme', GOOGLE_LIKE)).toBe('provider_rejected')
    const [challenged, refused] = lines('provider_failed')
    expect(challenged).toMatchObject({
      reason: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      other_token_endpoint_auth_method: 'client_secret_post',
    })
    expect(refused).not.toHaveProperty('other_token_endpoint_auth_method')
  })

  it('that compares bytes refuses the header and accepts the form', async () => {
    listenToConsole()
    const requests = stand(GOOGLE_LIKE, 'compares bytes')
    expect(await signIn('acme', GOOGLE_LIKE)).toBe('provider_rejected')
    expect(await signIn('acme', { ...GOOGLE_LIKE, method: 'client_secret_post' })).toBe('signed in')
    expect(requests.map(({ authorization }) => authorization !== null)).toEqual([true, false])
  })
})

test.each<[ProviderName, Method, 'decodes' | 'compares bytes']>([
  ['acme', 'client_secret_basic', 'decodes'],
  ['acme', 'client_secret_post', 'compares bytes'],
  ['google', 'client_secret_post', 'compares bytes'],
  ['google', 'client_secret_basic', 'decodes'],
  ['github', 'client_secret_post', 'compares bytes'],
  ['github', 'client_secret_basic', 'decodes'],
])('%s with %s: every character reaches a provider that %s', async (name, method, reading) => {
  const all = VSCHARS.join('')
  const texts = [all, ...(name === 'acme' ? ENCODED.map((character) => `abc${character}defgh`) : [])]
  for (const text of texts) {
    const credentials = { clientId: text, clientSecret: [...text].reverse().join('') }
    stand(credentials, reading)
    expect([text, await signIn(name, { ...credentials, method })]).toEqual([text, 'signed in'])
  }
})
