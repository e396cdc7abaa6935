import { expect, it } from 'vitest'
import { call, newPerson, post } from '../support/api.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'

it.each(['en', 'de'])(
  'the page has its own words for a password that holds its owner’s address: %s',
  async (locale) => {
    const mailbox = openMailbox()
    const { email } = await newPerson()
    await post('/auth/reset-password', { email }, { env: mailbox.env })
    const token = tokenIn((await mailbox.collect()).at(-1))
    const { status, body } = await post('/auth/reset-password/confirm', { token, new_password: `my ${email}` })
    expect(status).toBe(422)
    const page = await call('/account/reset-password', { headers: { 'accept-language': locale } })
    expect(page.body).toContain(`<template data-message="${body.errors[0].detail}">`)
  },
)
