import { expect, it } from 'vitest'
import { germanPasswordReasons } from '../../src/pages/words/de/messages.ts'
import { englishPasswordReasons } from '../../src/pages/words/en/messages.ts'
import { newPerson, post } from '../support/api.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'

it('every language has words for a password that holds its owner’s address, as the service words it', async () => {
  const mailbox = openMailbox()
  const { email } = await newPerson()
  await post('/auth/reset-password', { email }, { env: mailbox.env })
  const token = tokenIn((await mailbox.collect()).at(-1))
  const { status, body } = await post('/auth/reset-password/confirm', { token, new_password: `my ${email}` })
  expect(status).toBe(422)
  for (const reasons of [englishPasswordReasons, germanPasswordReasons])
    expect(Object.keys(reasons)).toContain(body.errors[0].detail)
})
