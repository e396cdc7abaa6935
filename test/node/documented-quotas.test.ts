import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NOTICES_AN_HOUR } from '../../src/core/mail.ts'
import { type LimitName, limitPolicies } from '../../src/core/rate-limit-policies.ts'
import { CONSENT_QUOTA } from '../../src/storage/database/consent-row.ts'

const limits = readFileSync('docs/limits.md', 'utf8')
const mail = readFileSync('docs/mail.md', 'utf8')

const policies = limitPolicies({ LIMIT_FACTOR: 1 })
const numberOf = (text: string | undefined) => Number(text?.replaceAll(',', ''))

describe('the quotas in the documents', () => {
  const rows = [...limits.matchAll(/^\| .*\(`([a-z-]+)`\).* \| (\d[\d,]*\d)[^|]*? \| (\d[\d,]*\d) \|$/gm)]

  it('are read from every row', () => {
    expect(rows.map(([, policy]) => policy)).toContain('import-users')
  })

  it.each(rows.map(([, policy = '', user, address]) => ({ policy, user, address })))(
    'are those of $policy',
    ({ policy, user, address }) => {
      const { [policy as LimitName]: found } = policies
      expect(found).toMatchObject({ user: { count: numberOf(user) }, address: { count: numberOf(address) } })
    },
  )

  it('are those of consents and notices', () => {
    expect(limits).toContain(`A person decides about ${CONSENT_QUOTA.documents} documents at most`)
    expect(limits).toContain(`and ${CONSENT_QUOTA.decisionsADay} times a day about one of them`)
    expect(NOTICES_AN_HOUR).toEqual({ ofTemplate: 3, ofKind: 10 })
    expect(mail).toContain('at most three notices of a template and ten of a kind within an hour')
  })
})
