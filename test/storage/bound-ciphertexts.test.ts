import { beforeAll, describe, expect, test, vi } from 'vitest'
import { newUserId, type UserId } from '../../src/core/ids.ts'
import { profileFields } from '../../src/core/profile.ts'
import { CiphertextError } from '../../src/crypto/field-cipher.ts'
import { importAesKey } from '../../src/crypto/key-ring.ts'
import { decryptDevice, encryptDevice } from '../../src/sessions/session-device.ts'
import { decryptDetails, decryptNote, encryptClientOf, encryptNote } from '../../src/storage/database/event-details.ts'
import { openTokenPayload, sealTokenPayload } from '../../src/storage/database/one-time-tokens.ts'
import { openMailPayload, sealPayloadOf } from '../../src/storage/database/outbox-mail.ts'
import { openPasskeyDetails, sealPasskeyDetails } from '../../src/storage/database/passkeys.ts'
import { decryptProfileField, encryptProfile } from '../../src/storage/database/profile-row.ts'
import { openSubject, type SubjectRow, sealSubject } from '../../src/storage/database/social-logins.ts'
import { openTotpSecret, sealTotpSecret } from '../../src/storage/database/totp-secret.ts'
import { decryptEmail, encryptEmail } from '../../src/storage/database/users.ts'
import { secretOf } from '../support/keys.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { encryptUnbound } from '../support/unbound.ts'

interface At {
  readonly owner: UserId
  /** Id of the row. */
  readonly row: string
}

interface Field {
  /** The row has the id of its owner. */
  readonly isOwners?: true
  /** The rows expire, so a ciphertext of 0.2.0 is refused after a date. */
  readonly expires?: true
  /** Version 0.2.0 did not have the column. */
  readonly isNew?: true
  readonly seal: (at: At) => Promise<string | null | undefined>
  readonly open: (at: At, stored: string) => Promise<unknown>
}

const CLIENT = { ip: '203.0.113.7', user_agent: 'curl' }

let key: CryptoKey
beforeAll(async () => {
  key = await importAesKey(secretOf(1))
})
const lookup = () => ({ kind: 'found', key }) as const

const subjectField = (table: SubjectRow['table'], expires: { readonly expires?: true }): Field => ({
  ...expires,
  seal: ({ owner, row }) => sealSubject(key, { table, id: row, userId: owner }, 'subject'),
  open: ({ owner, row }, stored) => openSubject(key, { table, id: row, userId: owner }, stored),
})

/** How the service writes and reads each encrypted column. */
const fields: Readonly<Record<string, Field>> = {
  'users.email_enc': {
    isOwners: true,
    seal: ({ owner }) => encryptEmail(key, owner, 'ada@example.com'),
    open: ({ owner }, stored) => decryptEmail(key, owner, stored),
  },
  ...Object.fromEntries(
    profileFields.map((field): [string, Field] => [
      `user_profiles.${field}_enc`,
      {
        isOwners: true,
        seal: async ({ owner }) =>
          (await encryptProfile(key, owner, { [field]: field === 'preferences' ? {} : 'text' }))[`${field}_enc`],
        open: ({ owner }, stored) => decryptProfileField(key, owner, field, stored),
      },
    ]),
  ),
  'sessions.device_enc': {
    expires: true,
    seal: ({ owner, row }) => encryptDevice(key, { userId: owner, sessionId: row as never }, CLIENT),
    async open({ owner, row }, stored) {
      // A device that does not open is shown as unknown.
      const client = await decryptDevice(key, { userId: owner, sessionId: row as never }, stored)
      if (client.ip === undefined) throw new CiphertextError()
      return client
    },
  },
  'one_time_tokens.payload_enc': {
    expires: true,
    seal: ({ owner, row }) => sealTokenPayload(key, { tokenId: row, userId: owner }, 'ada@example.com'),
    open: ({ owner, row }, stored) => openTokenPayload(key, { tokenId: row, userId: owner }, stored),
  },
  'mail_jobs.payload_enc': {
    expires: true,
    seal: ({ owner, row }) => sealPayloadOf({ jobId: row, userId: owner }, lookup(), { client: CLIENT }),
    open: ({ owner, row }, stored) => openMailPayload(key, { jobId: row, userId: owner }, stored),
  },
  'audit_events.pii_enc': {
    expires: true,
    seal: ({ owner, row }) => encryptClientOf({ eventId: row, owner }, lookup(), CLIENT),
    open: ({ owner, row }, stored) => decryptDetails(key, { eventId: row, owner }, stored),
  },
  'audit_events.note_enc': {
    isNew: true,
    // The event gets its id from the ciphertext.
    async seal({ owner, row }) {
      vi.spyOn(crypto, 'randomUUID').mockReturnValueOnce(row as never)
      const note = await encryptNote({ now: Number.parseInt(row.replace('-', '').slice(0, 12), 16) }, lookup(), {
        owner,
        note: 'note',
      })
      expect(note?.eventId).toBe(row)
      return note?.text
    },
    open: ({ owner, row }, stored) => decryptNote(key, { eventId: row, owner }, stored),
  },
  'totp_factors.secret_enc': {
    isOwners: true,
    isNew: true,
    seal: ({ owner }) => sealTotpSecret(key, owner, 'secret'),
    open: ({ owner }, stored) => openTotpSecret(key, owner, stored),
  },
  'passkeys.details_enc': {
    isNew: true,
    seal: ({ owner, row }) =>
      sealPasskeyDetails(key, { passkeyId: row, userId: owner }, { aaguid: 'a', transports: [] }),
    open: async ({ owner, row }, stored) =>
      (await openPasskeyDetails(key, { passkeyId: row, userId: owner }, stored)).aaguid,
  },
  'social_logins.provider_id_enc': subjectField('social_logins', {}),
  'oauth_flows.provider_id_enc': subjectField('oauth_flows', { expires: true }),
}

/**
 * `mail_jobs.email_enc` is a copy of `users.email_enc`, made by the database. It opens as that column does.
 */
const COPIES = ['mail_jobs.email_enc']

/** The address of a sign-up has no owner yet. test/sign-in/sign-up.test.ts moves it to another row. */
const WITHOUT_OWNER = ['mail_requests.address_enc']

const newRow = () => `01900000-0000-7${crypto.randomUUID().slice(15)}`

async function opens(field: Field, at: At, stored: string): Promise<boolean> {
  try {
    await field.open(at, stored)
    return true
  } catch (error) {
    if (error instanceof CiphertextError) return false
    throw error
  }
}

test('every encrypted column of the schema is in the table (K37)', () => {
  const encrypted = schemaTables.flatMap(({ name, columns }) =>
    columns.filter((column) => column.endsWith('_enc')).map((column) => `${name}.${column}`),
  )
  expect([...Object.keys(fields), ...COPIES, ...WITHOUT_OWNER].sort()).toEqual(encrypted.sort())
})

describe.each(Object.entries(fields))('%s', (name, field) => {
  const newPlace = (): At => {
    const owner = newUserId()
    return { owner, row: field.isOwners ? owner : newRow() }
  }

  test('opens in its row, and in no other row, column, table or person (K37)', async () => {
    const [at, elsewhere] = [newPlace(), newPlace()]
    const stored = String(await field.seal(at))
    expect(stored).toMatch(/^v2\./)
    expect(await opens(field, at, stored)).toBe(true)
    expect(await opens(field, elsewhere, stored)).toBe(false)
    if (!field.isOwners) {
      expect(await opens(field, { ...at, row: elsewhere.row }, stored)).toBe(false)
      expect(await opens(field, { ...at, owner: elsewhere.owner }, stored)).toBe(false)
    }
    for (const [other, otherField] of Object.entries(fields))
      if (other !== name) expect(await opens(otherField, at, stored), other).toBe(false)
  })

  test('reads what version 0.2.0 wrote until its date, and only where its rows do not expire after it (K37)', async () => {
    const at = newPlace()
    const [table = '', column = ''] = (
      name === 'oauth_flows.provider_id_enc' ? 'social_logins.provider_id_enc' : name
    ).split('.')
    const stored = await encryptUnbound(key, { table, column, owner: at.owner }, JSON.stringify(CLIENT))
    expect(await opens(field, at, stored)).toBe(!field.isNew)
    vi.setSystemTime(Date.UTC(2027, 5, 30))
    try {
      expect(await opens(field, at, stored)).toBe(!field.isNew && field.expires !== true)
      expect(await opens(field, at, String(await field.seal(at)))).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})
