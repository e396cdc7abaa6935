import { env } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { formatNoteKey, signBody, verifyNote } from '../../src/tlog/note.ts'

const secrets = [2, 1].map((version) => ({ version, secret: new Uint8Array(32).fill(version) }))

it('K13 each trusted root key signs checkpoints, with a key of its own', async () => {
  const ring = await deriveKeyRing(secrets, [{ version: 1 }])
  const { signers, derived } = await deriveLogKeys({ ring }, 'id.example.com/audit')
  expect(derived.map(({ version, isTrusted }) => [version, isTrusted])).toEqual([
    [2, true],
    [1, false],
  ])
  expect(new Set(derived.map(({ key }) => formatNoteKey(key))).size).toBe(2)
  const signatures = await Promise.all(signers.map((signer) => signBody('body\n', signer)))
  const verified = await verifyNote(
    { body: 'body\n', signatures },
    derived.map(({ key }) => key),
  )
  expect(verified?.map(({ key }) => key)).toEqual([derived[0]?.key])
})

it('the log is named after the host, or as the setting says', () => {
  expect(originOf({ ISSUER: env.ISSUER, AUDIT_LOG_ORIGIN: undefined })).toBe('latchkey.test/audit')
  expect(originOf({ ISSUER: env.ISSUER, AUDIT_LOG_ORIGIN: 'logs.example/1' })).toBe('logs.example/1')
})
