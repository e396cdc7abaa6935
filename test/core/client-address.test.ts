import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countedNetwork } from '../../src/core/client-address.ts'

describe('the network that a client is counted by', () => {
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
  ])('T3 is one for all that send no address: %s', (ip) => {
    expect(countedNetwork(ip)).toBe('unknown')
  })

  test('T3 is the same for every address of a /64, and another beside it', async () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length })
    // Addresses of the mapped range are IPv4 addresses.
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
