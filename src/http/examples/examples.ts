import { showConsent } from '../../compliance/consents/consent-view.ts'
import type { SessionId } from '../../core/ids.ts'
import { exampleProfile } from '../../core/profile.ts'
import { type TokenPurpose, writeDeviceToken, writeOneTimeToken, writeRefreshToken } from '../../core/token-text.ts'
import { showMe } from '../../profile/me.ts'
import { showAccess, showTokens } from '../../sessions/token-views.ts'
import { EXAMPLE_ID as ID } from './example-id.ts'

/** Invented values that all examples use. */
const SESSION = '756c2ce1-4b0d-4f6c-9f0e-3c1d2b5a6e70' as SessionId
const PASSKEY = '0d5a7c66-4a3e-4f0b-8b55-2f0c8f1f7a31'
const AT = '2026-11-24T04:43:51.691Z'
const AT_MS = Date.parse(AT)
const TOKEN = '5b8f2c1e-0f5d-4c1b-9a57-0d3a1f6e2b94'
const MAC = '…'
const REFRESH_TOKEN = writeRefreshToken({ sessionId: SESSION, generation: 0 }, MAC)
const DEVICE_TOKEN = writeDeviceToken('019abc3e-6a00-7c1d-9e2f-3a4b5c6d7e8f', MAC)
const TOTP_TICKET = 'v2.Zk3vQ1sT9aXo4yBd.…'
const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const EMAIL = 'ada@example.com'
const PASSKEY_TICKET = 'v2.p3Yw0cKxT1mVb9Rq.…'
const PASSKEY_ADD_TICKET = 'v2.mB7sUe2dLq5XhZtC.…'
const CREDENTIAL_ID = 'xhW3fQmZkT0Yq2r8d1p4Vw'
const CHALLENGE = '3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs'
const RP_ID = 'id.example.com'
const PASSKEY_STEP_UP_TICKET = 'v2.Lr5mXa0bEw8NqTfJ.…'
const USER_HANDLE = 'R99WA3nzRRWrrZeH6M10cQ'

const PASSKEY_REQUEST = {
  challenge: CHALLENGE,
  rpId: RP_ID,
  allowCredentials: [{ type: 'public-key' as const, id: CREDENTIAL_ID, transports: ['internal', 'hybrid'] }],
  userVerification: 'preferred' as const,
  timeout: 300_000,
}

const access = () => showAccess('eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…', 15 * 60)
const tokens = () => ({ ...showTokens(access(), 7 * 24 * 60 * 60), refresh_token: REFRESH_TOKEN })

export const examples = {
  id: ID,
  session: SESSION,
  at: AT,
  atMs: AT_MS,
  email: EMAIL,
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
  /** The same challenge, from an application that sends a person to the pages. */
  returnRequest: {
    return_to: 'https://app.example/signed-in',
    state: 'af0ifjsldkj',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256' as const,
  },
  /** A ticket (`crypto/ticket.ts`). */
  mfaToken: 'v2.xl8Tr0pWl0Vbx3kC.…',
  enrolmentToken: 'v2.Hq2vWm41uQbY7dTn.…',
  mailCode: '40219573',
  signUpToken: 'v2.Wd7Rk1sXq5TbNm2E.…',
  mailRequest: 'v2.b0Yk3qPz8LwTn5Xd.…',
  refreshToken: REFRESH_TOKEN,
  deviceToken: DEVICE_TOKEN,
  totp: '287082',
  totpTicket: TOTP_TICKET,
  totpOffer: () => ({
    ticket: TOTP_TICKET,
    secret: TOTP_SECRET,
    uri: `otpauth://totp/Latchkey:${encodeURIComponent(EMAIL)}?issuer=Latchkey&secret=${TOTP_SECRET}&algorithm=SHA1&digits=6&period=30`,
    algorithm: 'SHA1' as const,
    digits: 6 as const,
    period: 30 as const,
    expires_in: 600,
  }),
  passkeyTicket: PASSKEY_TICKET,
  passkeyAddTicket: PASSKEY_ADD_TICKET,
  assertion: () => ({
    id: CREDENTIAL_ID,
    rawId: CREDENTIAL_ID,
    type: 'public-key' as const,
    response: {
      clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0Iiw…',
      authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA',
      signature: 'MEUCIQDx…',
      userHandle: USER_HANDLE,
    },
  }),
  registration: () => ({
    id: CREDENTIAL_ID,
    rawId: CREDENTIAL_ID,
    type: 'public-key' as const,
    response: {
      clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiw…',
      attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVik…',
      transports: ['internal', 'hybrid'],
    },
    clientExtensionResults: { credProps: { rk: true } },
  }),
  passkeySignInOffer: () => ({
    ticket: PASSKEY_TICKET,
    expires_in: 300,
    public_key: {
      challenge: CHALLENGE,
      rpId: RP_ID,
      allowCredentials: [],
      userVerification: 'required' as const,
      timeout: 300_000,
    },
  }),
  passkeyStepUpTicket: PASSKEY_STEP_UP_TICKET,
  passkeyRequest: () => PASSKEY_REQUEST,
  passkeyRequestOffer: () => ({ ticket: PASSKEY_STEP_UP_TICKET, expires_in: 300, public_key: PASSKEY_REQUEST }),
  passkeyOffer: () => ({
    ticket: PASSKEY_ADD_TICKET,
    expires_in: 600,
    public_key: {
      rp: { id: RP_ID, name: 'Latchkey' },
      user: { id: USER_HANDLE, name: EMAIL, displayName: 'Ada Lovelace' },
      challenge: CHALLENGE,
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key' as const, alg })),
      timeout: 600_000,
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'required' as const,
        requireResidentKey: true,
        userVerification: 'required' as const,
      },
      attestation: 'none' as const,
      hints: [],
      extensions: { credProps: true as const },
    },
  }),
  passkey: () => ({
    id: PASSKEY,
    name: 'Work laptop',
    provider: null,
    created_at: AT,
    last_used_at: AT,
    synced: true,
    second_factor_only: false,
    suspended: false,
    other_domain: false,
  }),
  passkeyAdded: () => ({ id: PASSKEY, name: 'Phone', provider: null }),
  passkeySignal: () => ({ user_handle: USER_HANDLE, rp_id: RP_ID, accepted_credential_ids: [CREDENTIAL_ID] }),
  recoveryCodes: () => ['X4TQ-9K2M-7HVB-R3ND-0WYJ-5ZSC', 'K8PA-1GFE-6QXT-2MVH-9BND-4RWJ'],
  access,
  tokens,
  signIn: () => ({ ...tokens(), device_token: DEVICE_TOKEN, user: { id: ID, email: EMAIL, is_verified: true } }),
  me: () =>
    showMe(
      {
        id: ID,
        is_verified: true,
        status: 'active',
        roles: [],
        created_at: AT_MS,
        last_login_at: AT_MS,
        updated_at: AT_MS,
      },
      { email: EMAIL, profile: exampleProfile() },
    ),
  consent: () =>
    showConsent({ document: 'newsletter', version: '2026-11', decision: 'granted', decided_at: AT_MS, source: 'user' }),
  client: {
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    ip: '203.0.113.7',
    city: 'Berlin',
    country: 'DE',
  },
} as const
