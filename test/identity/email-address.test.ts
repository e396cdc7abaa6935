import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emailAddressSchema, parseEmailAddress } from '../../src/identity/email/email-address.ts'

const canonical = (text: string) => parseEmailAddress(text)?.canonical
const local = (length: number) => 'a'.repeat(length)

/** An address of exactly `bytes` bytes with a local part of 64 bytes. */
function addressOf(bytes: number): string {
  const label = 'b'.repeat(60)
  const rest = bytes - `${local(64)}@${label}.${label}.`.length - '.com'.length
  return `${local(64)}@${label}.${label}.${'c'.repeat(rest)}.com`
}

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com', 'example.com'],
    ['  Ada.Lovelace+tag@Example.COM\t', 'ada.lovelace+tag@example.com', 'example.com'],
    ["o'neil!#$%&*+/=?^_`{|}~-@example.com", "o'neil!#$%&*+/=?^_`{|}~-@example.com", 'example.com'],
    ['a@sub.sub.example.co.uk', 'a@sub.sub.example.co.uk', 'sub.sub.example.co.uk'],
    ['a@1.example', 'a@1.example', '1.example'],
    ['a@123.com', 'a@123.com', '123.com'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('is parsed: %j', (text, expected, domain) => {
    expect(parseEmailAddress(text)).toMatchObject({ canonical: expected, domain })
  })

  it('keeps the case of its local part for mail, since only the host knows whether case matters', () => {
    expect(parseEmailAddress('Ada@EXAMPLE.com')?.display).toBe('Ada@example.com')
  })

  it.each([
    ['case', ['ada@example.com', 'ADA@EXAMPLE.COM', 'Ada@Example.Com']],
    ['white space around it', ['ada@example.com', ' ada@example.com', 'ada@example.com\r\n', '\u00a0ada@example.com']],
    [
      'U-label and A-label',
      ['a@bücher.example', 'a@BÜCHER.example', 'a@xn--bcher-kva.example', 'a@XN--BCHER-KVA.example'],
    ],
    ['NFC and NFD', ['a@bücher.example', 'a@bu\u0308cher.example']],
    ['full-width letters of the domain', ['a@example.com', 'a@ｅｘａｍｐｌｅ.com']],
    ['the Kelvin sign', ['a@kelvin.example', 'a@\u212aelvin.example']],
  ])('has one canonical form, whatever its %s (A5)', (_, spellings) => {
    expect(new Set(spellings.map(canonical))).toEqual(new Set([canonical(spellings[0] ?? '')]))
    expect(canonical(spellings[0] ?? '')).toBeDefined()
  })

  it.each([
    ['Cyrillic a', 'ada@ex\u0430mple.com'],
    ['dotless i', 'ada@g\u0131thub.com'],
    ['Greek omicron', 'ada@g\u03bf\u03bfgle.com'],
  ])('of a homoglyph domain is another address, in ASCII (A5): %s', (_, text) => {
    expect(canonical(text)).toMatch(/^ada@xn--[a-z0-9-]+\.com$/)
  })

  it.each([
    ['a full-width @', 'ada＠example.com'],
    ['a small @', 'ada﹫example.com'],
    ['a full-width @ in the domain', 'ada@evil.com＠example.com'],
    ['two of @', 'ada@evil.com@example.com'],
    ['a list', 'ada@example.com,eve@evil.com'],
    ['a list with semicolons', 'ada@example.com;eve@evil.com'],
    ['a list with spaces', 'ada@example.com eve@evil.com'],
    ['a comment in front', '(comment)ada@example.com'],
    ['a comment behind the local part', 'ada(comment)@example.com'],
    ['a comment behind', 'ada@example.com(comment)'],
    ['a display name', 'Ada <ada@example.com>'],
    ['angle brackets', '<ada@example.com>'],
    ['a header', 'ada@example.com\r\nBcc: eve@evil.com'],
    ['a header in the local part', 'ada\r\nBcc: eve@evil.com'],
    ['a line feed in the domain', 'ada@exam\nple.com'],
    ['a tab in the domain', 'ada@exam\tple.com'],
    ['NUL', 'ada\0@example.com'],
    ['NUL in the domain', 'ada@example.com\0.evil.com'],
    ['a quoted local part', '"ada"@example.com'],
    ['a quoted @', '"ada@evil.com"@example.com'],
    ['an escaped local part', 'a\\da@example.com'],
    ['a look-alike local part', 'аda@example.com'],
    ['a full-width local part', 'ａda@example.com'],
    ['an emoji domain', 'ada@💌.example'],
    ['a trailing dot', 'ada@example.com.'],
    ['a leading dot', 'ada@.example.com'],
    ['two dots', 'ada@example..com'],
    ['a local part that starts with a dot', '.ada@example.com'],
    ['a local part that ends with a dot', 'ada.@example.com'],
    ['two dots in the local part', 'a..da@example.com'],
    ['one label', 'ada@localhost'],
    ['an IPv4 literal', 'ada@[127.0.0.1]'],
    ['an IPv6 literal', 'ada@[IPv6:::1]'],
    ['a bare IPv4 address', 'ada@127.0.0.1'],
    ['a short IPv4 address', 'ada@127.1'],
    ['a hexadecimal IPv4 address', 'ada@0x7f.0.0.1'],
    ['an IPv4 address in full-width digits', 'ada@１２７.0.0.1'],
    ['a numeric top-level domain', 'ada@example.123'],
    ['a hexadecimal top-level domain', 'ada@example.0x1'],
    ['a top-level domain of one letter', 'ada@example.c'],
    ['a top-level domain that ends with a hyphen', 'ada@example.co-'],
    ['a top-level domain that starts with a hyphen', 'ada@example.-co'],
    ['a label that starts with a hyphen', 'ada@-example.com'],
    ['a label that ends with a hyphen', 'ada@example-.com'],
    ['an account-of sign that becomes a slash', 'ada@b℀.com'],
    ['a sign that becomes a question mark', 'ada@b？.com'],
    ['a sign that becomes a colon', 'ada@b：80.com'],
    ['a path', 'ada@example.com/x'],
    ['a port', 'ada@example.com:80'],
    ['a query', 'ada@example.com?x=1'],
    ['a fragment', 'ada@example.com#x'],
    ['a percent escape', 'ada@example%2ecom'],
    ['an underscore in the domain', 'ada@exam_ple.com'],
    ['a soft hyphen', 'ada@exam\u00adple.com'],
    ['a zero-width space', 'ada@exam\u200bple.com'],
    ['an override of direction', 'ada@\u202emoc.elpmaxe'],
    ['a lone surrogate', 'ada@exam\ud800ple.com'],
    ['an A-label that hides ASCII', 'ada@xn--example-.com'],
    ['an ideographic full stop', 'ada@example。com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['nothing', ''],
    ['@ alone', '@'],
    ['a label of 64 bytes', `ada@${'b'.repeat(64)}.com`],
    ['a local part of 65 bytes', `${local(65)}@example.com`],
  ])('is refused with %s (A5)', (_, text) => {
    expect(parseEmailAddress(text)).toBeUndefined()
  })

  it('has at most 254 bytes (A5)', () => {
    expect(addressOf(254)).toHaveLength(254)
    expect(canonical(addressOf(254))).toBe(addressOf(254))
    expect(canonical(addressOf(255))).toBeUndefined()
  })

  it('is measured after IDNA, which may lengthen it (A5)', () => {
    const text = `${local(64)}@${Array.from({ length: 6 }, () => 'ü'.repeat(25)).join('.')}.com`
    expect(text.length).toBeLessThan(254)
    const address = parseEmailAddress(text)
    expect(address === undefined || address.canonical.length <= 254).toBe(true)
  })

  it('has a canonical form that is its own canonical form (A5)', () => {
    const words = fc.string({
      unit: fc.constantFrom(...'aZ9-.üßİ\u0131Ωςａ＠@。\u200d( "'),
      minLength: 1,
      maxLength: 12,
    })
    const texts = fc.oneof(
      fc.emailAddress(),
      fc.tuple(fc.stringMatching(/^[a-zA-Z0-9.+-]{1,8}$/), words).map(([name, domain]) => `${name}@${domain}.example`),
    )
    const property = fc.property(texts, (text) => {
      const once = parseEmailAddress(text)
      if (once === undefined) return
      expect(parseEmailAddress(once.canonical)).toEqual({ ...once, display: once.canonical })
      expect(canonical(once.display)).toBe(once.canonical)
      expect(once.canonical).toMatch(/^[\x21-\x7e]{3,254}$/)
      expect(once.canonical.split('@')).toEqual([expect.any(String), once.domain])
    })
    fc.assert(property, { numRuns: 2000 })
  })

  it('is undefined or an address for any text, and parsing never throws (A6)', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      parseEmailAddress(a)
      parseEmailAddress(`${a}@${b}`)
    })
    fc.assert(property)
  })
})

describe('the body member', () => {
  it('is parsed into an address', () => {
    expect(emailAddressSchema.parse(' ADA@example.com')).toEqual(parseEmailAddress('ADA@example.com'))
  })

  it('is refused with an issue that does not repeat the text', () => {
    const { error } = emailAddressSchema.safeParse('canary,canary@example.com')
    expect(error?.issues.map(({ message }) => message)).toEqual(['must be one e-mail address'])
    expect(JSON.stringify(error)).not.toContain('canary')
  })

  it.each([[null], [1], [['ada@example.com']], [{ toString: 'ada@example.com' }], ['a'.repeat(1025)]])(
    'is refused when it is %j',
    (value) => {
      expect(emailAddressSchema.safeParse(value).success).toBe(false)
    },
  )
})
