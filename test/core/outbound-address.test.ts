import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseOutboundUrl } from '../../src/core/outbound-address.ts'

const PUBLIC = 'https://id.example.com'
const LOCAL = 'http://localhost:8787'

const isAllowed = (url: string, issuer = PUBLIC): boolean => parseOutboundUrl(url, issuer) !== undefined

/**
 * https://www.iana.org/assignments/iana-ipv4-special-registry, and what else is no unicast address: multicast
 * (RFC 5771).
 */
const IPV4_RANGES = [
  ...['0.0.0.0/8', '0.0.0.0/32', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.0.0/29', '192.0.0.8/32', '192.0.0.9/32', '192.0.0.10/32', '192.0.0.170/31'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.88.99.2/32', '192.168.0.0/16'],
  ...['192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4', '255.255.255.255/32'],
  ...['224.0.0.0/4'],
].map((range) => parseRange(range, ipv4ToNumber, 32))

/**
 * https://www.iana.org/assignments/iana-ipv6-special-registry, and what else is no unicast address:
 * multicast, `fec0::/10` (RFC 3879), IPv4-compatible addresses (RFC 4291 2.5.5.1), IPv4-translated ones (RFC
 * 2765).
 */
const IPV6_RANGES = [
  ...['::1/128', '::/128', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '100:0:0:1::/64'],
  ...['2001::/23', '2001::/32', '2001:1::1/128', '2001:1::2/128', '2001:1::3/128', '2001:2::/48', '2001:3::/32'],
  ...['2001:4:112::/48', '2001:10::/28', '2001:20::/28', '2001:30::/28', '2001:db8::/32', '2002::/16'],
  ...['2620:4f:8000::/48', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10'],
  ...['ff00::/8', 'fec0::/10', '::/96', '::ffff:0:0:0/96'],
].map((range) => parseRange(range, ipv6ToNumber, 128))

interface Range {
  readonly first: bigint
  readonly last: bigint
}

function parseRange(text: string, toNumber: (address: string) => bigint, bits: number): Range {
  const [address = '', prefix = ''] = text.split('/')
  const first = toNumber(address)
  return { first, last: first + (1n << BigInt(bits - Number(prefix))) - 1n }
}

function ipv4ToNumber(text: string): bigint {
  return text.split('.').reduce((number, octet) => number * 256n + BigInt(octet), 0n)
}

function ipv6ToNumber(text: string): bigint {
  const [head = '', tail = ''] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return groups.reduce((number, group) => number * 65_536n + BigInt(`0x${group}`), 0n)
}

const within = (ranges: readonly Range[], number: bigint): boolean =>
  ranges.some(({ first, last }) => first <= number && number <= last)

/** An address of one of the ranges; their ends often. */
const addressIn = (ranges: readonly Range[]) =>
  fc
    .constantFrom(...ranges)
    .chain(({ first, last }) => fc.oneof(fc.constantFrom(first, last), fc.bigInt({ min: first, max: last })))

const octetsOf = (number: bigint): bigint[] => [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 0xffn)
const groupsOf = (number: bigint): string[] =>
  Array.from({ length: 8 }, (_, i) => ((number >> BigInt(16 * (7 - i))) & 0xffffn).toString(16))

/** One number as a URL may write it: decimal, octal or hexadecimal, with zeros in front. */
const numeral = (value: bigint) =>
  fc.constantFrom(
    `${value}`,
    `0${value.toString(8)}`,
    `000${value.toString(8)}`,
    `0x${value.toString(16)}`,
    `0X00${value.toString(16).toUpperCase()}`,
  )

/** One to four parts, of which the last one takes what is left (the URL Standard's IPv4 parser). */
const ipv4Host = (number: bigint) =>
  fc.integer({ min: 1, max: 4 }).chain((count) => {
    const octets = octetsOf(number)
    const rest = octets.slice(count - 1).reduce((sum, octet) => sum * 256n + octet, 0n)
    return fc.tuple(...[...octets.slice(0, count - 1), rest].map(numeral)).map((parts) => parts.join('.'))
  })

const FULL_WIDTH = 0xff10 - 0x30

/** What the parser undoes in any host that is no IPv6 address. */
const disguise = (host: string) =>
  fc
    .constantFrom<(text: string) => string>(
      (text) => text,
      (text) => `${text}.`,
      (text) => text.replaceAll('.', '。'),
      (text) => text.replaceAll('.', '．'),
      (text) => text.replaceAll('.', '%2E'),
      (text) => text.replace(/[0-9]/g, (digit) => String.fromCodePoint((digit.codePointAt(0) ?? 0) + FULL_WIDTH)),
      (text) => text.replace(/[0-9]/g, (digit) => `%3${digit}`),
      (text) => `${text.slice(0, 1)}\u00ad${text.slice(1)}`,
      (text) => `${text.slice(0, 1)}\t\n${text.slice(1)}`,
    )
    .map((spell) => spell(host))

/** All of IPv6's: long, short, with zeros, in capitals, with the last 32 bits as IPv4. */
const ipv6Host = (number: bigint) => {
  const groups = groupsOf(number)
  const long = groups.join(':')
  const padded = groups.map((group) => group.padStart(4, '0')).join(':')
  const short = new URL(`https://[${long}]`).hostname.slice(1, -1)
  const dotted = `${groups.slice(0, 6).join(':')}:${octetsOf(number & 0xffff_ffffn).join('.')}`
  return fc.constantFrom(long, padded, short, padded.toUpperCase(), dotted).map((text) => `[${text}]`)
}

const around = (host: string) =>
  fc.constantFrom(
    ...[`https://${host}`, `https://${host}/path?query#fragment`, `https://${host}:443/`, `https://${host}:8443/`],
    ...[`HTTPS://${host}/`, `https:\\\\${host}\\`, `https:${host}`, ` \thttps:/${host}\n`],
    ...[`https://${host}#@example.com/`, `https://${host}\\@example.com/`, `https://example.com@${host}/`],
    ...[`https://example.com:443@${host}/`, `http://${host}/`],
  )

/** How an IPv6 address holds an IPv4 one: mapped, compatible, translated, NAT64, 6to4, Teredo. */
const embedded = (number: bigint): bigint[] => [
  (0xffffn << 32n) + number,
  number,
  (0xffffn << 48n) + number,
  (0x64_ff9bn << 96n) + number,
  (0x64_ff9b_0001n << 80n) + number,
  (0x2002n << 112n) + (number << 80n) + 1n,
  (0x2001n << 112n) + (number ^ 0xffff_ffffn),
]

function holdsFor<T>(values: fc.Arbitrary<T>, claim: (value: T) => void): void {
  const property = fc.property(values, claim)
  fc.assert(property, { numRuns: 2000 })
}

describe('an address that is not public (H8)', () => {
  it('is refused in every spelling of IPv4 that the URL parser reads', () => {
    const urls = addressIn(IPV4_RANGES).chain(ipv4Host).chain(disguise).chain(around)
    holdsFor(urls, (url) => {
      expect(URL.canParse(url)).toBe(true)
      expect(isAllowed(url)).toBe(false)
    })
  })

  it('is refused in every spelling of IPv6', () => {
    const urls = addressIn(IPV6_RANGES).chain(ipv6Host).chain(around)
    holdsFor(urls, (url) => {
      expect(URL.canParse(url)).toBe(true)
      expect(isAllowed(url)).toBe(false)
    })
  })

  it('is refused within an IPv6 address', () => {
    const urls = addressIn(IPV4_RANGES)
      .chain((number) => fc.constantFrom(...embedded(number)))
      .chain(ipv6Host)
      .chain(around)
    holdsFor(urls, (url) => {
      expect(isAllowed(url)).toBe(false)
    })
  })
})

describe('an address', () => {
  it('of IPv4 is allowed if no registry of special addresses has it', () => {
    const numbers = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), nextTo(IPV4_RANGES, 32n))
    holdsFor(numbers, (number) => {
      expect(isAllowed(`https://${octetsOf(number).join('.')}/`)).toBe(!within(IPV4_RANGES, number))
    })
  })

  it('of IPv6 is allowed if it is in 2000::/3, the part that is handed out, and no registry has it', () => {
    const numbers = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
      fc.bigInt({ min: 0n, max: (1n << 125n) - 1n }).map((number) => (1n << 125n) + number),
      nextTo(IPV6_RANGES, 128n),
    )
    holdsFor(numbers, (number) => {
      const isPublic = number >> 125n === 1n && !within(IPV6_RANGES, number)
      expect(isAllowed(`https://[${groupsOf(number).join(':')}]/`)).toBe(isPublic)
    })
  })

  const nextTo = (ranges: readonly Range[], bits: bigint) =>
    fc
      .constantFrom(...ranges.flatMap(({ first, last }) => [first - 1n, last + 1n]))
      .filter((number) => number >= 0n && number < 1n << bits)
})

describe('a service on a public ISSUER', () => {
  // From the lists of OWASP (SSRF Prevention), PayloadsAllTheThings and the advisories of SSRF filters.
  it.each([
    ...[
      'https://localhost',
      'https://LOCALHOST:8443/',
      'https://localhost./',
      'https://loc%61lhost',
      'https://ⓛocalhost',
    ],
    ...['https://localhost。', 'https://a.localhost', 'https://localhost.localdomain', 'https://printer.local'],
    ...[
      'https://metadata.google.internal/',
      'https://metadata.google.internal./',
      'https://metadata',
      'https://intranet',
    ],
    ...['https://host.docker.internal', 'https://kubernetes.default.svc.cluster.local', 'https://router.home.arpa'],
    ...['https://home.arpa', 'https://nas.lan', 'https://wiki.corp', 'https://internal', 'https://com', 'https://com.'],
    ...['https://127.0.0.1', 'https://127.1', 'https://127.0.1', 'https://0', 'https://0.0.0.0', 'https://0x7f.1'],
    ...[
      'https://2130706433',
      'https://017700000001',
      'https://0x7f000001',
      'https://0177.0.0.01',
      'https://127.0.0.1.',
    ],
    ...['https://①②⑦.⓪.⓪.①', 'https://127。0。0。1', 'https://１２７.0.0.1'],
    ...['https://[::]', 'https://[::1]', 'https://[0000::1]', 'https://[::127.0.0.1]', 'https://[::ffff:127.0.0.1]'],
    ...['https://[::ffff:7f00:1]', 'https://[64:ff9b::7f00:1]', 'https://[2002:7f00:1::]', 'https://[fd00:ec2::254]'],
    ...[
      'https://169.254.169.254/latest/meta-data/',
      'https://2852039166/',
      'https://0xa9fea9fe/',
      'https://0251.0376.0251.0376',
    ],
    ...[
      'https://100.100.100.200',
      'https://192.0.0.192',
      'https://10.0.0.1',
      'https://172.31.255.255',
      'https://192.168.1.1',
    ],
    ...['https://example.com@127.0.0.1', 'https://127.0.0.1#@example.com', 'https://127.0.0.1\\@example.com'],
    ...['http://example.com', 'http://8.8.8.8', 'http://localhost:8080', 'http://127.0.0.1', 'http://[::1]:8080'],
    ...[
      'ftp://example.com',
      'file:///etc/passwd',
      'file://localhost/etc/passwd',
      'gopher://example.com',
      'wss://example.com',
    ],
    ...[
      'data:,x',
      'javascript://example.com/',
      'blob:https://example.com/x',
      'about:blank',
      'cloudflare://example.com',
    ],
    ...[
      '',
      ' ',
      'https:',
      'https://',
      'example.com',
      '//example.com',
      '/path',
      'https://a..example.com',
      'https://.example.com',
    ],
    ...['https://example.com..', 'https://[fe80::1%25eth0]', 'https://256.256.256.256', 'https://example.com:99999'],
  ])('asks nothing of %j', (url) => {
    expect(isAllowed(url)).toBe(false)
  })

  it.each([
    ...['https://accounts.google.com/.well-known/openid-configuration', 'https://api.pwnedpasswords.com/range/21BD1'],
    ...['https://example.com', 'https://example.com./', 'https://EXAMPLE.com:8443/a?b#c', 'https://bücher.example/'],
    ...[
      'https://localhost.example.com',
      'https://internal.example.com',
      'https://local.example',
      'https://127.0.0.1.example.com',
    ],
    ...[
      'https://mylocalhost.com',
      'https://notlocal.example',
      'https://corp.com',
      'https://home.com',
      'https://arpa.example',
    ],
    ...[
      'https://8.8.8.8',
      'https://1.1.1.1:8443',
      'https://134744072',
      'https://[2606:4700:4700::1111]/',
      'https://_x.example.com',
    ],
  ])('may ask %s', (url) => {
    expect(parseOutboundUrl(url, PUBLIC)?.href).toBe(new URL(url).href)
    expect(isAllowed(url, LOCAL)).toBe(true)
  })
})

it.each([
  'https://user@example.com/x',
  'https://127.0.0.1%2f@example.com/x',
  'https://user:password@example.com/x',
  'https://:password@example.com/x',
])('credentials are taken out of %s', (url) => {
  expect(parseOutboundUrl(url, PUBLIC)?.href).toBe('https://example.com/x')
})

describe('a service whose ISSUER is on this machine', () => {
  it.each([LOCAL, 'http://127.0.0.1:8787', 'http://[::1]:8787', 'https://localhost:8787'])(
    'may ask other services of this machine, with or without TLS: %s',
    (issuer) => {
      const hosts = ['localhost', '127.0.0.1', '[::1]', 'LOCALHOST', '2130706433', '[0::1]']
      for (const url of hosts.flatMap((host) => [`http://${host}:8080/x`, `https://${host}/`]))
        expect([url, isAllowed(url, issuer)]).toEqual([url, true])
    },
  )

  it.each([
    ...['http://example.com', 'http://127.0.0.2', 'https://127.0.0.2', 'http://0.0.0.0:8080', 'http://localhost.:8080'],
    ...[
      'https://192.168.1.1',
      'https://10.0.0.1',
      'http://[::ffff:127.0.0.1]',
      'https://a.localhost',
      'https://nas.lan',
    ],
    ...['ftp://localhost', 'file://localhost/etc/passwd', 'ws://localhost', 'http://user@10.0.0.1:8080'],
    ...['http://localhost.example.com', 'http://localhost@example.com'],
  ])('asks nothing of %s', (url) => {
    expect(isAllowed(url, LOCAL)).toBe(false)
  })

  test('is none whose ISSUER only looks so', () => {
    for (const issuer of ['https://localhost.example.com', 'https://127.0.0.1.nip.io', 'https://a.localhost'])
      expect([issuer, isAllowed('http://localhost:8080', issuer)]).toEqual([issuer, false])
  })
})
