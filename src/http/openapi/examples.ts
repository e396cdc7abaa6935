import type { SessionId } from '../../core/ids.ts'
import { exampleProfile } from '../../core/profile.ts'
import { type TokenPurpose, writeDeviceToken, writeOneTimeToken, writeRefreshToken } from '../../core/token-text.ts'

/** Invented values that the examples share. */
const ID = '47df5603-79f3-4515-abad-9787e8cd7471'
const SESSION = '756c2ce1-4b0d-4f6c-9f0e-3c1d2b5a6e70'
const AT = '2026-11-24T04:43:51.691Z'
const TOKEN = '5b8f2c1e-0f5d-4c1b-9a57-0d3a1f6e2b94'
const MAC = '…'

const ACCESS = { access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…', token_type: 'Bearer', expires_in: 900 }
const TOKENS = {
  ...ACCESS,
  refresh_token: writeRefreshToken({ sessionId: SESSION as SessionId, generation: 0 }, MAC),
  refresh_expires_in: 604800,
}
const DEVICE_TOKEN = writeDeviceToken('019abc3e-6a00-7c1d-9e2f-3a4b5c6d7e8f', MAC)
const SIGN_IN = { ...TOKENS, device_token: DEVICE_TOKEN, user: { id: ID, email: 'ada@example.com', is_verified: true } }

const CONSENT = {
  document: 'newsletter',
  version: '2026-11',
  decision: 'granted',
  decided_at: AT,
  source: 'user',
}

const CLIENT = { user_agent: 'curl/8.5.0', ip: '203.0.113.7', city: 'Berlin', country: 'DE' }

const ME = {
  id: ID,
  email: 'ada@example.com',
  is_verified: true,
  status: 'active',
  roles: [],
  created_at: AT,
  last_login_at: AT,
  profile: {
    ...exampleProfile(),
    updated_at: AT,
  },
}

export const examples = {
  id: ID,
  session: SESSION,
  at: AT,
  email: 'ada@example.com',
  password: 'correct horse battery staple',
  newPassword: 'a longer horse battery staple',
  oneTimeToken: (purpose: TokenPurpose) => writeOneTimeToken(purpose, TOKEN, MAC),
  codeExchange: () => ({
    code: writeOneTimeToken('code', TOKEN, MAC),
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  }),
  /** The challenge belongs to the verifier of `codeExchange` (RFC 7636 appendix B). */
  codeRequest: {
    redirect_uri: 'https://app.example/callback',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  },
  access: ACCESS,
  tokens: TOKENS,
  deviceToken: DEVICE_TOKEN,
  signIn: SIGN_IN,
  me: ME,
  consent: CONSENT,
  client: CLIENT,
} as const
