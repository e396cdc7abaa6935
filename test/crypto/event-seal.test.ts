import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type DatabasePart, databaseParts, type SealedEvent } from '../../src/core/sealed-event.ts'
import { checkSeal, createSealEvent, isPermittedLate, isSealed, permitLate } from '../../src/crypto/event-seal.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { ringOf, secretOf } from '../support/keys.ts'

const EVENT: SealedEvent = {
  id: '019aabcd-1234-7abc-8def-0123456789ab',
  occurred_at: 1_764_454_000_000,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'user',
  actor_id: 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10',
  subject_id: 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10',
  request_id: '7d0c1c2e-52b5-4c7d-9a10-1d2f3a4b5c6d',
  detail: '{"note":"é \\"🗝\\""}',
  note_enc: null,
}

/** Every set of the four parts. */
const SETS = Array.from({ length: 16 }, (_, bits) => databaseParts.filter((_part, i) => bits & (1 << i)))

/** The seal as the design describes it, from the root key by other functions than the service's. */
function expectedSeal(version: number, event: SealedEvent, parts: readonly DatabasePart[]): string {
  const key = Buffer.from(hkdfSync('sha256', secretOf(version), '', 'latchkey/event-seal/v1', 32))
  const db = (part: DatabasePart, text: string) => (parts.includes(part) ? '{"db":true}' : text)
  const json = (value: string | number | null) => JSON.stringify(value)
  const text = `["latchkey-event/1",${json(event.id)},${event.occurred_at},${json(event.action)},${db('outcome', json(event.outcome))},${json(event.actor_type)},${db('actor', json(event.actor_id))},${db('subject', json(event.subject_id))},${json(event.request_id)},${db('detail', json(event.detail))},${json(event.note_enc)}]`
  const letters = parts.map((part) => part[0]).join('')
  return `${version}.${letters}.${createHmac('sha256', key).update(text, 'utf8').digest('base64url')}`
}

describe('the seal of an event', () => {
  it.each(SETS.map((parts) => [parts.join(' and ') || 'nothing', parts] as const))(
    'K22 is the HMAC that another implementation makes, with %s from the database',
    async (_, parts) => {
      const ring = await ringOf(2, 1)
      const seal = createSealEvent(ring)(EVENT, parts)
      expect(seal).toBe(expectedSeal(2, EVENT, parts))
      expect(checkSeal(ring, { ...EVENT, seal })).toEqual({ state: 'sealed', fromDatabase: parts })
    },
  )

  it('K22 covers every part but those that only the database knows', async () => {
    const ring = await ringOf(1)
    const changes: Record<keyof SealedEvent, SealedEvent[keyof SealedEvent]> = {
      id: '019aabcd-1234-7abc-8def-0123456789ac',
      occurred_at: EVENT.occurred_at + 1,
      action: 'user.signed_out',
      outcome: 'failure',
      actor_type: 'system',
      actor_id: null,
      subject_id: 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a11',
      request_id: '',
      detail: null,
      note_enc: 'note',
    }
    const free = { actor_id: 'actor', subject_id: 'subject', outcome: 'outcome', detail: 'detail' } as const
    for (const parts of SETS) {
      const seal = createSealEvent(ring)(EVENT, parts)
      for (const [name, value] of Object.entries(changes)) {
        const part = Object.entries(free).find(([member]) => member === name)?.[1]
        const mayChange = part !== undefined && parts.includes(part)
        expect([parts, name, isSealed(ring, { ...EVENT, [name]: value, seal })]).toEqual([parts, name, mayChange])
      }
    }
  })

  it('K22 has no other form: no part of it can be changed, left out or given in another order', async () => {
    const ring = await ringOf(2, 1)
    const seal = createSealEvent(ring)(EVENT, ['actor', 'subject'])
    const [version, letters, mac = ''] = seal.split('.')
    const forged = [
      '',
      mac,
      `${version}.${mac}`,
      `${version}..${mac}`,
      `${version}.sa.${mac}`,
      `${version}.asod.${mac}`,
      `1.${letters}.${mac}`,
      `02.${letters}.${mac}`,
      `${seal}\n`,
      `${seal}=`,
      ` ${seal}`,
      `${version}.${letters}.${mac.slice(1)}`,
      `${version}.${letters}.${mac.toUpperCase()}`,
    ]
    for (const one of forged) {
      const { state } = checkSeal(ring, { ...EVENT, seal: one })
      expect([one, state]).toEqual([one, 'wrong'])
    }
    expect(checkSeal(ring, { ...EVENT, seal: null })).toEqual({ state: 'none' })
  })

  it('D4 names a root key that the ring lacks, and one that is distrusted', async () => {
    const seal = createSealEvent(await ringOf(1))(EVENT)
    expect(checkSeal(await ringOf(2), { ...EVENT, seal })).toEqual({ state: 'unknown_version' })
    expect(checkSeal(await ringOf(2, 1), { ...EVENT, seal })).toEqual({ state: 'sealed', fromDatabase: [] })
    const keys = [2, 1].map((version) => ({ version, secret: secretOf(version) }))
    const distrusting = await deriveKeyRing(keys, [{ version: 1 }])
    expect(checkSeal(distrusting, { ...EVENT, seal })).toEqual({ state: 'distrusted' })
    expect(checkSeal(distrusting, { ...EVENT, id: 'another', seal })).toEqual({ state: 'wrong' })
  })
})

describe('a permission to archive an event late', () => {
  it('K22 holds for its event until its end, and cannot be made or changed without the root key', async () => {
    const ring = await ringOf(2, 1)
    const sealed = { ...EVENT, seal: createSealEvent(ring)(EVENT) }
    const text = permitLate(ring, sealed, 1000)
    expect(isPermittedLate(ring, sealed, { text, now: 999 })).toBe(true)
    expect(isPermittedLate(ring, sealed, { text, now: 1000 })).toBe(false)
    const [version, , mac = ''] = text.split('.')
    const forged = [`${version}.2000.${mac}`, `1.1000.${mac}`, `${version}.1000.${mac.slice(1)}A`, sealed.seal, '']
    for (const one of forged) expect(isPermittedLate(ring, sealed, { text: one, now: 1 })).toBe(false)
    const others = [
      { ...sealed, id: 'another' },
      { ...sealed, seal: createSealEvent(ring)(EVENT, ['actor']) },
    ]
    for (const other of others) expect(isPermittedLate(ring, other, { text, now: 1 })).toBe(false)
    const keys = [2, 1].map((one) => ({ version: one, secret: secretOf(one) }))
    expect(isPermittedLate(await deriveKeyRing(keys, [{ version: 2 }]), sealed, { text, now: 1 })).toBe(false)
  })
})
