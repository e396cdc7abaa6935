import { describe, expect, it } from 'vitest'
import { describeDevice } from '../../src/core/user-agent.ts'

describe('the device from a user agent', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
    ['curl/8.1', 'curl'],
    ['python-requests/2.32', 'python-requests'],
    ['Go-http-client/1.1', 'Go-http-client'],
    ['', undefined],
  ])('names a known program: %s', (userAgent, shown) => {
    expect(describeDevice({ user_agent: userAgent })).toBe(shown)
  })

  it.each([
    'Your account is locked, call +1 900 555 1234/1 x',
    'call-1-900-555-1234/1.0 x',
    'Visit evil.example now/2.0 (x) y',
    'evil.example/1.0 x',
  ])('O8 cannot carry a message into a mail: %s', (userAgent) => {
    expect(describeDevice({ user_agent: userAgent }) ?? '').not.toMatch(/\d{3}| is | now|\./)
  })
})
