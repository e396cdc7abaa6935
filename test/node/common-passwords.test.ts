import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { COMMON_PASSWORDS_FILE, listCommonPasswords, packCommonPasswords } from '../../scripts/common-passwords.ts'
import filter from '../../src/identity/common-passwords.json' with { type: 'json' }
import { foldPassword, isCommonPassword, positionsOf } from '../../src/identity/common-passwords.ts'

const passwords = listCommonPasswords(foldPassword)

describe('the bundled list of common passwords (P3)', () => {
  test('equals what the installed package contains, in the version that package.json pins', async () => {
    expect(readFileSync(COMMON_PASSWORDS_FILE, 'utf8')).toBe(await packCommonPasswords(passwords, positionsOf))
    expect(filter.source).toBe(
      `@zxcvbn-ts/language-common@${packageJson.devDependencies['@zxcvbn-ts/language-common']}`,
    )
    expect(filter.passwords).toBeGreaterThan(17_000)
  })

  test('knows every one of them, in any case', async () => {
    const missing = []
    for (const password of passwords)
      if (!(await isCommonPassword(password.toUpperCase().toLowerCase()))) missing.push(password)
    expect(missing).toEqual([])
    expect(await isCommonPassword('PassWord')).toBe(true)
  })

  test('takes fewer than one other password in 5,000 for one of them', async () => {
    let mistaken = 0
    for (let i = 0; i < 100_000; i++) if (await isCommonPassword(`no such password ${i}`)) mistaken++
    expect(mistaken).toBeLessThan(20)
  })
})
