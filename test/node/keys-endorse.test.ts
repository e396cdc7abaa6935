import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { openBucket } from '../../src/cli/archive/archive-bucket.ts'
import { keysEndorse } from '../../src/cli/keys/endorse.ts'
import { receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { parseRootKeys } from '../../src/runtime/config.ts'

const state = mkdtempSync(join(tmpdir(), 'latchkey-endorse-'))
mkdirSync(join(state, 'v3/r2'), { recursive: true })
afterAll(() => rmSync(state, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

const OLD = '1:oZr1mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4cQk'
const NEW = '2:u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo'
const local = { remote: false, persistTo: state, environment: undefined }
const publicKey = async (rootKey: string) =>
  (await createReceiptSigner(await deriveKeyRing(parseRootKeys(rootKey)))).publicKey

it('lists keys that are not published, endorses the named one alone, and refuses without ROOT_KEYS', async () => {
  const [gone, planted, current] = await Promise.all([OLD, OLD.replace('oZr', 'pZr'), NEW].map(publicKey))
  if (!gone || !planted || !current) throw new Error('no keys')
  const bucket = await openBucket({ ...local, configPath: undefined })
  for (const key of [gone, planted, current]) await bucket.create(receiptKeyPath(key.kid), JSON.stringify(key))
  // A key under the name of another one.
  await bucket.create(receiptKeyPath('A'.repeat(43)), JSON.stringify(planted))
  await bucket.close()

  vi.stubEnv('ROOT_KEYS', '')
  await expect(keysEndorse(local, [])).rejects.toThrow('ROOT_KEYS')
  vi.stubEnv('ROOT_KEYS', NEW)
  const listed = (kid: string, endorsed = false) => ({
    kid,
    endorsed,
    stored_at: expect.stringMatching(/^20\d\d-.*Z$/),
  })
  const byName = (rows: { kid: string }[]) => rows.toSorted((a, b) => (a.kid < b.kid ? -1 : 1))
  const both = byName([listed(gone.kid), listed(planted.kid)])
  expect(await keysEndorse(local, [])).toMatchObject({ document: { keys: both } })
  await expect(keysEndorse(local, ['A'.repeat(43)])).rejects.toThrow('not among')
  const after = byName([listed(gone.kid, true), listed(planted.kid)])
  expect(await keysEndorse(local, [gone.kid])).toMatchObject({ document: { keys: after } })
  expect(await keysEndorse(local, [])).toMatchObject({ document: { keys: [listed(planted.kid)] } })
})
