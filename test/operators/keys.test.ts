import { expect, test } from 'vitest'
import { get } from '../support/api.ts'
import { newAdmin } from '../support/operators.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { runCron } from '../support/service.ts'
import { events } from '../support/stores.ts'

test('an admin can read what depends on each root key and the progress of a rotation, and this is recorded (D4, U1)', async () => {
  const admin = await newAdmin()
  const both = envWithKeys([2, 1])
  await runCron(both)
  const { status, body } = await get('/admin/keys', admin.accessToken, { env: both })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    current_version: 2,
    versions: [
      { version: 2, state: 'current', is_trusted: true, wrapped_keys: 1, indexes: 1, passwords: 0, sealed_requests: 0 },
      {
        version: 1,
        state: 'in_use',
        is_trusted: true,
        wrapped_keys: 0,
        indexes: 0,
        passwords: 0,
        sealed_events: expect.any(Number),
      },
    ],
    passwords_without_pepper: 1,
    sessions_settled_at: expect.stringMatching(/Z$/),
    signing: { revoked: [] },
  })
  expect(body.signing.current).toMatch(/^2\./)
  expect(body.signing.published).toHaveLength(6)
  expect(body.runs.map(({ job }: { job: string }) => job)).toEqual([
    'rewrap-keys',
    'reindex-users',
    'reindex-identities',
    'reseal-events',
    'check-seals',
    'rebind-ciphertexts',
  ])
  expect(JSON.stringify(body)).not.toMatch(/[\w-]{40}/)
  expect(await events('operator.keys_viewed')).toMatchObject([{ actor_id: admin.id, outcome: 'success' }])
})
