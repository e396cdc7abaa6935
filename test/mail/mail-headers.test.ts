import { expect, test } from 'vitest'
import { formatSender, parseSender } from '../../src/mail/transports/mail-headers.ts'

test.each([
  ['', 'a@acme.example'],
  ['Acme', 'Acme <a@acme.example>'],
  ['Acme & Söhne', 'Acme & Söhne <a@acme.example>'],
  ['Acme, Inc.', '"Acme, Inc." <a@acme.example>'],
  ['evil@example.com, Acme', '"evil@example.com, Acme" <a@acme.example>'],
  ['The "best" \\ one', '"The \\"best\\" \\\\ one" <a@acme.example>'],
])('O8 a sender with the name %j stays one sender', (name, text) => {
  expect(formatSender({ name, address: 'a@acme.example' })).toBe(text)
})

test.each(['Acme <a@acme.example>', 'a@acme.example'])('%s stays unchanged', (text) => {
  expect(formatSender(parseSender(text))).toBe(text)
})
