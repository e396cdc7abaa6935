import { describe, expect, it } from 'vitest'
import { findRelyingParty, findWrongPasskeySettings } from '../../src/core/relying-party.ts'
import { parseConfig } from '../../src/runtime/config.ts'

const REQUIRED = {
  ROOT_KEYS: '1:cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4',
  ISSUER: 'https://id.example.com',
  AUDIENCE: 'latchkey',
}

/** Settings as the Worker reads them, which must not refuse them. */
const settingsWith = (changes: Readonly<Record<string, string>>) => parseConfig({ ...REQUIRED, ...changes }).settings

const FINGERPRINT = Array.from({ length: 32 }, (_, at) => (at * 8).toString(16).padStart(2, '0').toUpperCase()).join(
  ':',
)
/** The same bytes as base64url. */
const HASH = 'AAgQGCAoMDhASFBYYGhweICIkJigqLC4wMjQ2ODo8Pg'

describe('the relying party', () => {
  it('is the host of the issuer by default, with its origin', () => {
    expect(findRelyingParty(settingsWith({}))).toEqual({
      id: 'id.example.com',
      name: 'Latchkey',
      origins: ['https://id.example.com'],
    })
  })

  it.each([
    ['a parent domain', { WEBAUTHN_RP_ID: 'example.com' }, 'example.com'],
    ['an empty setting', { WEBAUTHN_RP_ID: '', WEBAUTHN_ORIGINS: ' ' }, 'id.example.com'],
    ['localhost', { ISSUER: 'http://localhost:8787' }, 'localhost'],
    ['a name of two labels', { ISSUER: 'https://example.com' }, 'example.com'],
    ['a Worker of workers.dev', { ISSUER: 'https://id.acme.workers.dev' }, 'id.acme.workers.dev'],
    ['a port', { ISSUER: 'https://id.example.com:8443' }, 'id.example.com'],
    ['an international name', { ISSUER: 'https://xn--bcher-kva.example' }, 'xn--bcher-kva.example'],
    ['a top-level domain in Punycode', { ISSUER: 'https://id.xn--p1ai' }, 'id.xn--p1ai'],
    [
      'the domain of an application elsewhere',
      { WEBAUTHN_RP_ID: 'app.example', WEBAUTHN_ORIGINS: 'https://app.example' },
      'app.example',
    ],
  ])('may be %s', (_, changes, id) => {
    expect(findRelyingParty(settingsWith(changes))).toMatchObject({ id })
  })

  it('accepts the listed origins alone, and those of the Android applications', () => {
    const WEBAUTHN_ORIGINS = `https://app.example.com, https://example.org\nandroid:apk-key-hash:${HASH}`
    const other = FINGERPRINT.replace('00', 'FF')
    const ANDROID_APPS = `com.example.app=${FINGERPRINT},com.example.app=${other}`
    expect(findRelyingParty(settingsWith({ WEBAUTHN_ORIGINS, ANDROID_APPS }))?.origins).toEqual([
      'https://app.example.com',
      'https://example.org',
      `android:apk-key-hash:${HASH}`,
      'android:apk-key-hash:_wgQGCAoMDhASFBYYGhweICIkJigqLC4wMjQ2ODo8Pg',
    ])
  })

  it.each([
    ['an IPv4 address', { ISSUER: 'https://192.0.2.7' }, ['ISSUER']],
    [
      'an IPv4 address as an RP ID',
      { ISSUER: 'http://127.0.0.1:8787', WEBAUTHN_RP_ID: '127.0.0.1' },
      ['WEBAUTHN_RP_ID', 'ISSUER'],
    ],
    ['an IPv6 address', { ISSUER: 'https://[2001:db8::1]' }, ['ISSUER']],
    ['a host without a dot', { ISSUER: 'https://intranet' }, ['ISSUER']],
    ['a top-level domain', { WEBAUTHN_RP_ID: 'com' }, ['WEBAUTHN_RP_ID']],
    ['workers.dev', { ISSUER: 'https://id.acme.workers.dev', WEBAUTHN_RP_ID: 'workers.dev' }, ['WEBAUTHN_RP_ID']],
    ['a sibling', { WEBAUTHN_RP_ID: 'app.example.com' }, ['WEBAUTHN_RP_ID']],
    ['a child', { WEBAUTHN_RP_ID: 'a.id.example.com' }, ['WEBAUTHN_RP_ID']],
    ['a suffix without a dot before it', { WEBAUTHN_RP_ID: 'ample.com' }, ['WEBAUTHN_RP_ID']],
    ['capital letters', { WEBAUTHN_RP_ID: 'Example.com' }, ['WEBAUTHN_RP_ID']],
    ['a dot at the end', { WEBAUTHN_RP_ID: 'example.com.' }, ['WEBAUTHN_RP_ID']],
    ['an origin', { WEBAUTHN_RP_ID: 'https://id.example.com' }, ['WEBAUTHN_RP_ID']],
    ['a port in the RP ID', { WEBAUTHN_RP_ID: 'id.example.com:443' }, ['WEBAUTHN_RP_ID']],
    ['localhost for a service that is not there', { WEBAUTHN_RP_ID: 'localhost' }, ['WEBAUTHN_RP_ID']],
    ['an origin with a slash', { WEBAUTHN_ORIGINS: 'https://id.example.com/' }, ['WEBAUTHN_ORIGINS']],
    ['an origin over http', { WEBAUTHN_ORIGINS: 'http://id.example.com' }, ['WEBAUTHN_ORIGINS']],
    ['an origin of localhost', { WEBAUTHN_ORIGINS: 'http://localhost:3000' }, ['WEBAUTHN_ORIGINS']],
    ['a default port', { WEBAUTHN_ORIGINS: 'https://id.example.com:443' }, ['WEBAUTHN_ORIGINS']],
    ['a host in place of an origin', { WEBAUTHN_ORIGINS: 'id.example.com' }, ['WEBAUTHN_ORIGINS']],
    ['the origin of a sandbox', { WEBAUTHN_ORIGINS: 'null' }, ['WEBAUTHN_ORIGINS']],
    ['any origin', { WEBAUTHN_ORIGINS: '*' }, ['WEBAUTHN_ORIGINS']],
    ['another scheme', { WEBAUTHN_ORIGINS: 'ios:bundle-id:com.example' }, ['WEBAUTHN_ORIGINS']],
    ['a short hash', { WEBAUTHN_ORIGINS: 'android:apk-key-hash:AAAA' }, ['WEBAUTHN_ORIGINS']],
    [
      'fifty-one origins',
      { WEBAUTHN_ORIGINS: Array.from({ length: 51 }, (_, at) => `https://a${at}.example.com`).join() },
      ['WEBAUTHN_ORIGINS'],
    ],
    ['a top-level domain on localhost', { ISSUER: 'http://localhost:8787', WEBAUTHN_RP_ID: 'com' }, ['WEBAUTHN_RP_ID']],
    ['both', { WEBAUTHN_RP_ID: 'com', WEBAUTHN_ORIGINS: 'x' }, ['WEBAUTHN_RP_ID', 'WEBAUTHN_ORIGINS']],
  ])('cannot be %s, and the names of the settings are known', (_, changes, wrong) => {
    const settings = settingsWith(changes)
    expect(findRelyingParty(settings)).toBeUndefined()
    expect(findWrongPasskeySettings(settings)).toEqual(wrong)
  })
})
