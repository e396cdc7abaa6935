import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NOTICES_AN_HOUR } from '../../src/core/mail.ts'
import {
  burstLimits,
  type CountedBy,
  limitPolicies,
  lockoutPolicies,
  MAX_WRONG_CODES,
  type Quota,
} from '../../src/core/rate-limit-policies.ts'
import { CONSENT_QUOTA } from '../../src/storage/database/consent-row.ts'

const limits = readFileSync('docs/limits.md', 'utf8')
const mail = readFileSync('docs/mail.md', 'utf8')

const WINDOWS: Readonly<Record<number, string>> = {
  [10 * 60_000]: 'in 10 minutes',
  [15 * 60_000]: 'in 15 minutes',
  3600000: 'an hour',
  86400000: 'a day',
}

const inWords = (quota: Quota | undefined) =>
  quota && `${quota.count.toLocaleString('en')} ${WINDOWS[quota.windowMs] ?? `in ${quota.windowMs} ms`}`

/** The cells of the row of a policy: its name, what it limits, and its quotas. */
function rowOf(name: string): string[] | undefined {
  const row = limits.split('\n').find((line) => line.startsWith(`| \`${name}\` |`))
  return row?.split('|').map((cell) => cell.trim())
}

describe('the quotas in the documents', () => {
  const policies: Readonly<Record<string, Partial<Record<CountedBy, Quota>>>> = limitPolicies({ LIMIT_FACTOR: 1 })

  it.each(Object.entries(policies))('are those of %s', (name, { address, email, session, user }) => {
    const quotas = [address, email, session, user].map((quota) => inWords(quota) ?? '')
    expect(rowOf(name)?.slice(3, 7)).toEqual(quotas)
  })

  it('are of policies that exist', () => {
    const named = [...limits.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
    expect(named).toEqual(Object.keys(policies))
  })

  it.each(Object.entries(burstLimits))('are those of %s', (name, { count, windowMs }) => {
    expect(windowMs).toBe(60_000)
    expect(limits).toContain(`\`${name}\` ${count.toLocaleString('en')}`)
  })

  it('are those of the locks of second factors', () => {
    const settings = { LIMIT_FACTOR: 1, SIGN_IN_MAX_FAILURES: 10, SIGN_IN_WINDOW_MINUTES: 15 }
    const { 'second-factor': minutes, 'second-factor-a-day': day } = lockoutPolicies(settings)
    expect([minutes.user, day.user]).toEqual([
      { count: 5, windowMs: 15 * 60_000 },
      { count: 20, windowMs: 86_400_000 },
    ])
    expect(limits).toContain('five in 15 minutes (`second-factor`), 20 in a day (`second-factor-a-day`)')
    expect(limits).toContain(`${MAX_WRONG_CODES} until a second factor is right`)
  })

  it('are those of consents and notices', () => {
    expect(limits).toContain(`A person decides about ${CONSENT_QUOTA.documents} documents at most`)
    expect(limits).toContain(`and ${CONSENT_QUOTA.decisionsADay} times a day about one of them`)
    expect(NOTICES_AN_HOUR).toEqual({ ofTemplate: 3, ofKind: 10 })
    expect(mail).toContain('at most three notices of a template and ten of a kind within an hour')
  })
})
