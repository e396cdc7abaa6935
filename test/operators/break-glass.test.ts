import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { textsOf } from '../../src/cli/shared/d1.ts'
import { factorResetSteps } from '../../src/cli/users/factor-reset-queries.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { totpCode } from '../../src/crypto/totp.ts'
import { call } from '../support/api.ts'
import { giveTwoCodes, giveTwoStep } from '../support/factor-resets.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin, signInPlainly } from '../support/operators.ts'
import { change, row } from '../support/stores.ts'

test('M17 the only admin, without a usable factor and without mail, is back with the command', async () => {
  const silent = { ...env, MAIL_TRANSPORT: 'off' } as unknown as Env
  const admin = await newAdmin()
  await giveTwoStep(admin)
  await giveTwoCodes(admin)
  await change('UPDATE users SET two_step_due_at = 1 WHERE id = ?', admin.id)
  expect((await signInPlainly(admin)).body.access_token).toBeUndefined()

  const { email_index } = await row('SELECT email_index FROM users WHERE id = ?', admin.id)
  const { ring } = await jobContext()
  const texts = textsOf(factorResetSteps(createSealEvent(ring), [String(email_index)], true))
  await env.DB.batch(texts.map((text) => env.DB.prepare(text)))
  expect((await ask(admin, '/stats', { env: silent })).status).toBe(401)

  const token = (await signInPlainly(admin)).body.access_token
  const path = '/api/v1/users/me/totp'
  const { body: offer } = await call(`${path}/options`, { method: 'POST', token, env: silent })
  const body = { ticket: offer.ticket, code: totpCode(offer.secret, Date.now()) }
  const added = await call(path, { token, body, env: silent })
  expect(added.status).toBe(201)
  expect(added.body.recovery_codes).toHaveLength(10)
  const { amr } = await row(
    'SELECT amr FROM sessions WHERE user_id = ? AND revoked_at IS NULL AND security_epoch = 1',
    admin.id,
  )
  expect(JSON.parse(String(amr))).toContain('mfa')
  expect(await row('SELECT two_step_at IS NOT NULL AS is_on FROM users WHERE id = ?', admin.id)).toEqual({ is_on: 1 })
})
