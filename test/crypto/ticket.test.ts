import { beforeAll, describe, expect, it } from 'vitest'
import { newUserId } from '../../src/core/ids.ts'
import { deriveKeyRing, type KeyRing } from '../../src/crypto/key-ring.ts'
import { openTicket, sealTicket, type Ticket } from '../../src/crypto/ticket.ts'

const NOW = 1_800_000_000_000
const keyOf = (version: number) => ({ version, secret: new Uint8Array(32).fill(version) })
const content: Ticket<'mfa'> = {
  id: crypto.randomUUID(),
  userId: newUserId(),
  amr: ['pwd'],
  authTimeMs: NOW,
  epoch: 3,
  typed: 'ada@example.com',
  expiresAtMs: NOW + 1,
}

describe('a ticket', () => {
  let ring: KeyRing
  beforeAll(async () => {
    ring = await deriveKeyRing([keyOf(1)])
  })

  it('shows nothing of its content, and opens until it expires', async () => {
    const sealed = await sealTicket(ring, 'mfa', content)
    expect(sealed).toMatch(/^v2\.[\w-]+\.[\w-]+$/)
    expect(await openTicket(ring, 'mfa', sealed, NOW)).toEqual(content)
    expect(await openTicket(ring, 'mfa', sealed, NOW + 1)).toBeUndefined()
  })

  it('opens as its own kind only, although another has the same members', async () => {
    const enrolment = await sealTicket(ring, 'enrol', { ...content, by: 'sign-in' })
    expect(await openTicket(ring, 'mfa', enrolment, NOW)).toBeUndefined()
    expect(await openTicket(ring, 'totp-add', enrolment, NOW)).toBeUndefined()
    expect(await openTicket(ring, 'enrol', enrolment, NOW)).toMatchObject({ by: 'sign-in' })
  })

  it('opens under an older root key, and not under one whose tokens are not trusted', async () => {
    const sealed = await sealTicket(ring, 'mfa', content)
    const rotated = await deriveKeyRing([keyOf(2), keyOf(1)])
    expect(await openTicket(rotated, 'mfa', sealed, NOW)).toEqual(content)
    const leaked = await deriveKeyRing([keyOf(2), keyOf(1)], [{ version: 1 }])
    expect(await openTicket(leaked, 'mfa', sealed, NOW)).toBeUndefined()
  })

  it('does not open if a character was changed', async () => {
    const sealed = await sealTicket(ring, 'mfa', content)
    const others = [...sealed].map(
      (char, at) => sealed.slice(0, at) + (char === 'A' ? 'B' : 'A') + sealed.slice(at + 1),
    )
    // The last character of base64url has spare bits.
    const opened = await Promise.all(others.slice(0, -1).map((text) => openTicket(ring, 'mfa', text, NOW)))
    expect(opened.filter((ticket) => ticket !== undefined)).toEqual([])
    expect(await openTicket(ring, 'mfa', '', NOW)).toBeUndefined()
  })
})
