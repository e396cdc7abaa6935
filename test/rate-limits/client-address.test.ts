import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countedNetwork, countedNetworks, surroundingNetwork } from '../../src/rate-limits/client-address.ts'

describe('the network under which a client is counted', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7'],
    [' 198.51.100.7 ', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::FFFF:c633:6407', '198.51.100.7'],
    ['0:0:0:0:0:ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0000:0000:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::198.51.100.7', '64:ff9b:0:0::/64'],
  ])('T3 of %s is %s', (ip, network) => {
    expect(countedNetwork(ip)).toBe(network)
  })

  test.each([
    undefined,
    '',
    'unknown',
    '198.51.100.7, 203.0.113.9',
    '198.51.100.7:443',
    '[2001:db8::1]',
    'fe80::1%eth0',
    '0x7f.1',
    '1.2.3',
    '01.2.3.4',
    '2001:db8::1::2',
    'x'.repeat(10_000),
  ])('T3 is the same for all clients without a valid address: %s', (ip) => {
    expect(countedNetwork(ip)).toBe('unknown')
  })

  test('T3 is the same for every address of a /64, and different for another /64', async () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length })
    // Leave out the range of IPv4-mapped addresses: they count as IPv4.
    const prefix = groups(4).filter((values) => values.some((value) => value !== 0))
    await fc.assert(
      fc.asyncProperty(prefix, groups(4), groups(4), fc.nat(3), async (network, one, other, changed) => {
        const spell = (values: number[]) => values.map((value) => value.toString(16)).join(':')
        const first = countedNetwork(spell([...network, ...one]))
        expect(countedNetwork(spell([...network, ...other]).toUpperCase())).toBe(first)
        const beside = network.map((value, i) => (i === changed ? value ^ 1 : value))
        if (beside.some((value) => value !== 0)) expect(countedNetwork(spell([...beside, ...one]))).not.toBe(first)
      }),
    )
  })
})

describe('the network in which a client stays', () => {
  test.each([
    ['198.51.100.7', '198.51.100.0/24'],
    ['198.51.100.255', '198.51.100.0/24'],
    ['198.51.101.7', '198.51.101.0/24'],
    ['::ffff:198.51.100.7', '198.51.100.0/24'],
    ['2001:db8:ab:12ff::1', '2001:db8:ab:0::/48'],
    ['2001:0DB8:AB:ffff::2', '2001:db8:ab:0::/48'],
    ['2001:db8:ac::1', '2001:db8:ac:0::/48'],
    [undefined, 'unknown'],
    ['198.51.100', 'unknown'],
  ])('R8 of %s is %s', (ip, network) => {
    expect(surroundingNetwork(ip)).toBe(network)
  })
})

describe('the networks under which a client is counted', () => {
  test('T3 are the /64, the /56 and the /48 of an IPv6 address, with one, four and sixteen times the quota', () => {
    expect(countedNetworks('2001:db8:ab:12ff::1')).toEqual([
      { name: '2001:db8:ab:12ff::/64', quotaFactor: 1 },
      { name: '2001:db8:ab:1200::/56', quotaFactor: 4 },
      { name: '2001:db8:ab:0::/48', quotaFactor: 16 },
    ])
  })

  test.each(['198.51.100.7', '::ffff:198.51.100.7', undefined])('T3 are a single one for %s', (ip) => {
    expect(countedNetworks(ip)).toEqual([{ name: countedNetwork(ip), quotaFactor: 1 }])
  })

  test('T3 contain each other: clients in one /64 are in one /56, and clients in one /56 are in one /48', () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const property = fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat(63), (groups, bit) => {
      const spell = (some: readonly number[]) => some.map((one) => one.toString(16)).join(':')
      const flipped = groups.map((one, i) => (i === Math.floor(bit / 16) ? one ^ (0x8000 >> (bit % 16)) : one))
      const [one, other] = [countedNetworks(spell(groups)), countedNetworks(spell(flipped))]
      if (one.length < 3 || other.length < 3) return true
      const isSame = one.map(({ name }, i) => name === other[i]?.name)
      return JSON.stringify(isSame) === JSON.stringify([false, bit >= 56, bit >= 48])
    })
    void fc.assert(property)
  })
})
