import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { parseEmailAddress } from '../../src/identity/email/email-address.ts'
import { assertAcceptablePassword } from '../../src/identity/password-policy.ts'
import { createOutbound } from '../../src/storage/outbound.ts'

const outbound = createOutbound('https://id.example.com')

const SETTINGS = {
  PASSWORD_MIN_LENGTH: 8,
  BREACH_CHECK: false,
  BREACH_CHECK_URL: 'https://breaches.test/range',
  PRODUCT_NAME: 'Latchkey',
}

function ownerOf(address = 'lovelace@example.com', fullName?: string | null) {
  const email = parseEmailAddress(address)
  if (email === undefined) throw new Error('no address')
  return { email, fullName }
}

/** @returns why a password was refused; undefined if it was not */
async function refusal(password: string, owner = ownerOf(), settings = SETTINGS): Promise<string | undefined> {
  try {
    await assertAcceptablePassword({ settings, outbound }, password, owner)
    return undefined
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toBe('validation_failed')
    expect(error.options.errors).toEqual([{ pointer: '/password', detail: expect.any(String) }])
    return error.options.errors?.[0]?.detail
  }
}

describe('the length of a password', () => {
  it('is at least the configured number of code points (P1)', async () => {
    expect(await refusal('sevench')).toBe('must have at least 8 characters')
    expect(await refusal('eightchr')).toBeUndefined()
    expect(await refusal('fourteen chars', ownerOf(), { ...SETTINGS, PASSWORD_MIN_LENGTH: 15 })).toBe(
      'must have at least 15 characters',
    )
    expect(await refusal('fifteen chars!!', ownerOf(), { ...SETTINGS, PASSWORD_MIN_LENGTH: 15 })).toBeUndefined()
  })

  it('counts code points, not UTF-16 units, and after NFC (P1, P2)', async () => {
    expect(await refusal('🔑'.repeat(4))).toBe('must have at least 8 characters')
    expect(await refusal('🔑'.repeat(8))).toBeUndefined()
    expect(await refusal('u\u0308'.repeat(7))).toBe('must have at least 8 characters')
    expect(await refusal('u\u0308'.repeat(8))).toBeUndefined()
  })

  it('is at most 1,024 bytes of UTF-8 after NFC (P1)', async () => {
    expect(await refusal('a'.repeat(1024))).toBeUndefined()
    expect(await refusal('a'.repeat(1025))).toBe('must have at most 1024 bytes')
    expect(await refusal('ü'.repeat(512))).toBeUndefined()
    expect(await refusal('u\u0308'.repeat(512))).toBeUndefined()
    expect(await refusal('ü'.repeat(513))).toBe('must have at most 1024 bytes')
    expect(await refusal('🔑'.repeat(256))).toBeUndefined()
    expect(await refusal('🔑'.repeat(257))).toBe('must have at most 1024 bytes')
  })
})

describe('the composition of a password', () => {
  it.each([
    ['lower-case letters alone', 'xkcdhorse'],
    ['digits alone', '83751946'],
    ['spaces alone', ' '.repeat(8)],
    ['spaces around', '  a  b  c  '],
    ['emoji', '🐎🔋📎✅🐎🔋📎✅'],
    ['another script', 'правильнаялошадь'],
    ['control characters', '\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008'],
    ['NUL in the middle', 'before\0after'],
  ])('has no rules: %s (P2)', async (_, password) => {
    expect(await refusal(password)).toBeUndefined()
  })
})

describe('a password that contains known details of its owner is refused (P3)', () => {
  const owner = ownerOf('Lovelace@Example.com', 'Augusta Ada K\u00f6nig')

  it.each([
    ['the address', 'lovelace@example.com'],
    ['the address within', 'x-LOVELACE@EXAMPLE.COM-1'],
    ['the local part', 'lovelace1815'],
    ['the local part in another case', 'LoveLace1815'],
    ['a part of the name', 'augusta1815'],
    ['a part of the name in another case', '1815AUGUSTA'],
    ['a part of the name in NFD', 'ko\u0308nig1815'],
    ['the name of the service', 'latchkey2026'],
    ['the name of the service in another case', 'my-LatchKey'],
  ])('%s', async (_, password) => {
    expect(await refusal(password, owner)).toBe(
      'must not contain your e-mail address, your name or the name of this service',
    )
  })

  it.each(['acme konto 2026', 'my-ACMEKonto', 'latchkey2026'])('the name of the product: %s', async (password) => {
    expect(await refusal(password, owner, { ...SETTINGS, PRODUCT_NAME: 'Acme Konto' })).toBeDefined()
  })

  it('does not apply to a product name that is too short, or to a word of it', async () => {
    expect(await refusal('going places', owner, { ...SETTINGS, PRODUCT_NAME: 'Go' })).toBeUndefined()
    expect(await refusal('kontoauszug', owner, { ...SETTINGS, PRODUCT_NAME: 'Acme Konto' })).toBeUndefined()
  })

  it.each([
    ['a part of the name that is too short to mean anything', 'adaptable'],
    ['half of the local part', 'lovelorn1815'],
  ])('does not apply to %s', async (_, password) => {
    expect(await refusal(password, owner)).toBeUndefined()
  })

  it.each([undefined, null, '', '   '])('does not apply to a name of %j', async (fullName) => {
    expect(await refusal('any other password', ownerOf('ada@example.com', fullName))).toBeUndefined()
  })
})

it('names the request member in the error', async () => {
  await expect(
    assertAcceptablePassword({ settings: SETTINGS, outbound }, 'short', ownerOf(), '/new_password'),
  ).rejects.toThrow(
    expect.objectContaining({
      options: { errors: [{ pointer: '/new_password', detail: 'must have at least 8 characters' }] },
    }),
  )
})

describe('a common password is refused (P3)', () => {
  it.each(['password', '12345678', 'qwertyuiop', 'Baseball', 'SUPERMAN', '1qaz2wsx'])('%s', async (password) => {
    expect(await refusal(password)).toBe('must not be one of the most common passwords')
  })

  it('is accepted if it only contains a common one', async () => {
    expect(await refusal('superman is fond of xylophones')).toBeUndefined()
  })
})

describe('a password known from a breach (P3)', () => {
  const CHECKED = { ...SETTINGS, BREACH_CHECK: true }
  // SHA-1 of "xylophone-83-mauve".
  const breached = 'xylophone-83-mauve'
  const other = '0018A45C4D1DEF81644B54AB7F969B88D65:3'

  afterEach(() => {
    vi.restoreAllMocks()
  })

  async function hashOf(password: string): Promise<string> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(password)))
    return [...digest]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase()
  }

  const answering = (respond: (url: string, init: RequestInit | undefined) => Promise<Response>) =>
    vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => respond(String(url), init))

  const withRange = async (count: number, end = '\r\n') => {
    const suffix = (await hashOf(breached)).slice(5)
    return answering(async () => new Response([other, `${suffix}:${count}`, other].join(end)))
  }

  it('is refused, and only five digits of its hash were sent', async () => {
    const fetched = await withRange(7)
    expect(await refusal(breached, ownerOf(), CHECKED)).toBe('must not be known from a data breach')
    expect(fetched).toHaveBeenCalledExactlyOnceWith(
      `https://breaches.test/range/${(await hashOf(breached)).slice(0, 5)}`,
      expect.objectContaining({ headers: { 'add-padding': 'true' }, redirect: 'manual' }),
    )
    expect(JSON.stringify(fetched.mock.calls)).not.toContain(breached)
  })

  it('is found with LF and CRLF, and in its composed form', async () => {
    await withRange(1, '\n')
    expect(await refusal(breached, ownerOf(), CHECKED)).toBeDefined()
  })

  it('is not checked by default', async () => {
    const fetched = await withRange(7)
    expect(await refusal(breached)).toBeUndefined()
    expect(fetched).not.toHaveBeenCalled()
  })

  it('is accepted if its count is padding or it is not listed', async () => {
    await withRange(0)
    expect(await refusal(breached, ownerOf(), CHECKED)).toBeUndefined()
    expect(await refusal('ochre-glockenspiel-61', ownerOf(), CHECKED)).toBeUndefined()
  })

  const failures: [string, (init: RequestInit | undefined) => Promise<Response>][] = [
    ['is down', async () => Promise.reject(new TypeError('down'))],
    ['refuses', async () => new Response('no', { status: 503 })],
    ['redirects', async () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test' } })],
    ['answers without end', async () => new Response('A'.repeat(300 * 1024))],
    [
      'does not answer within a second',
      (init) => new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
    ],
  ]
  it.each(failures)('is checked against the bundled list alone when the service %s', async (_, respond) => {
    answering((_url, init) => respond(init))
    expect(await refusal(breached, ownerOf(), CHECKED)).toBeUndefined()
    expect(await refusal('baseball', ownerOf(), CHECKED)).toBe('must not be one of the most common passwords')
  })
})
