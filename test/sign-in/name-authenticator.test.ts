import { describe, expect, it } from 'vitest'
import { nameAuthenticator } from '../../src/sign-in/name-authenticator.ts'
import list from '../../src/sign-in/provider-names.json'

describe('the name of a provider', () => {
  it.each([
    ['fbfc3007-154e-4ecc-8c0b-6e020557d7bd', 'Apple Passwords'],
    ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', 'Google Password Manager'],
    ['d548826e-79b4-db40-a3d8-11116f7e8349', 'Bitwarden'],
    ['00000000-0000-0000-0000-000000000000', null],
    ['constructor', null],
  ])('of %s is %s', async (aaguid, name) => {
    expect(await nameAuthenticator(aaguid)).toBe(name)
  })
})

describe('the list of providers', () => {
  const entries = Object.entries(list.names)

  it('names its source to the commit', () => {
    expect(list.source).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
  })

  it('has lower-case ids and short names in plain text', () => {
    expect(entries.length).toBeGreaterThan(40)
    const isPlain = ([id, name]: [string, string]) =>
      /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) && /^[\p{L}\d][\p{L}\d ().-]{2,40}$/u.test(name)
    expect(entries.filter((entry) => !isPlain(entry))).toEqual([])
  })
})
