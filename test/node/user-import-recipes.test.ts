import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { raw } from 'jq-wasm'
import { describe, expect, it } from 'vitest'
import { ARGON2ID_DIRECTORY } from '../../scripts/extract-argon2id.ts'
import { createArgon2id } from '../../src/crypto/argon2id/driver.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { createDeriveForeign } from '../../src/crypto/passwords/foreign/derive.ts'
import { type ImportedUser, isRefusal, parseImportedUser } from '../../src/identity/user-import/parse-imported-user.ts'
import { compileWasm } from './compile-wasm.ts'

const NOW = Date.parse('2026-12-01T00:00:00Z')
const SAMPLES = join(import.meta.dirname, 'user-import')
const SIGNER = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='

/** Runs a recipe of docs/user-import with the command in its first lines. */
async function convert(recipe: string, input: string, flags: string[] = []): Promise<unknown[]> {
  const filter = readFileSync(`docs/user-import/${recipe}.jq`, 'utf8')
  const lines = (await raw(input, filter, ['-c', ...flags])).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line))
}

/** The users that an import makes of a sample, by address. */
async function read(recipe: string, sample: string, flags?: string[]): Promise<Map<string, ImportedUser>> {
  const lines = await convert(recipe, readFileSync(join(SAMPLES, sample), 'utf8'), flags)
  const users = lines.map((line) => {
    const user = parseImportedUser(line, NOW)
    if (isRefusal(user)) throw new Error(JSON.stringify([user, line]))
    return user
  })
  return new Map(users.map((user) => [user.email.canonical.split('@')[0] ?? '', user]))
}

const states = (users: Map<string, ImportedUser>) =>
  Object.fromEntries([...users].map(([name, { state }]) => [name, [state.status, state.suspension?.untilMs]]))

const compile = (name: string) => compileWasm(readFileSync(join(ARGON2ID_DIRECTORY, `${name}.wasm`)))
const derive = createDeriveForeign(createArgon2id({ argon2: compile('argon2'), blake2b: compile('blake2b') }, 65_536))

function expectPassword(user: ImportedUser | undefined, text: string): void {
  const hash = user?.password
  expect(hash && runToEnd(derive(hash.scheme, hash.salt, text))).toEqual(hash?.digest)
  expect(hash).toBeDefined()
}

const FAR = Date.parse('2999-01-01T00:00:00Z')
const FARTHER = Date.parse('3000-01-01T00:00:00Z')

describe('the recipe', () => {
  // Output of `manage.py dumpdata auth.user` in Django 5.2.17, with fewer rounds.
  it('for Django keeps who was not active out', async () => {
    const users = await read('django', 'django.json')
    expect(states(users)).toEqual({
      ada: ['active', undefined],
      blocked: ['suspended', null],
      sso: ['active', undefined],
    })
    expectPassword(users.get('ada'), 'lètmein')
    expect([...users.values()].map(({ profile }) => profile.full_name)).toEqual(['Ada Lovelace', null, 'Sam'])
    expect(users.get('sso')?.password).toBeUndefined()
  })

  // The first three are from better-auth 1.7.25 on SQLite, the others as Drizzle on D1 and on PostgreSQL
  // store them.
  it('for better-auth makes a second factor due for who used one', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const users = await read('better-auth', 'better-auth.ndjson')
    const due = [...users].filter(([, { state }]) => state.twoStepDueAtMs !== undefined)
    expect(due.map(([name]) => name)).toEqual(['ada', 'seconds', 'postgres'])
    for (const [, { state }] of due) {
      expect(state.twoStepDueAtMs).toBeGreaterThanOrEqual(before)
      expect(state.twoStepDueAtMs).toBeLessThanOrEqual(Date.now())
    }
  })

  it('for better-auth reads the rows of every database, and keeps who was banned out', async () => {
    const users = await read('better-auth', 'better-auth.ndjson')
    expect(states(users)).toEqual({
      ada: ['active', undefined],
      banned: ['suspended', null],
      'for-a-while': ['suspended', FAR],
      seconds: ['suspended', FARTHER],
      milliseconds: ['suspended', FARTHER],
      postgres: ['active', undefined],
      text: ['active', undefined],
    })
    expectPassword(users.get('ada'), 'pässword ☃ 12')
    const verified = [...users].filter(([, { isVerified }]) => isVerified).map(([name]) => name)
    expect(verified).toEqual(['ada', 'seconds', 'postgres', 'text'])
    const at = Date.parse('2019-04-01T10:00:00Z')
    const created = ['seconds', 'milliseconds', 'postgres', 'text'].map((name) => users.get(name)?.createdAtMs)
    expect(created).toEqual([at, at, at + 123, at])
  })

  it('for ASP.NET keeps who was locked out as long as that lasts', async () => {
    const users = await read('asp-net', 'asp-net.ndjson')
    expect(states(users)).toEqual({
      ada: ['active', undefined],
      b: ['suspended', null],
      c: ['suspended', FARTHER - 1],
      // Expired; without effect; from Identity 2; from PostgreSQL.
      c2: ['active', undefined],
      d: ['active', undefined],
      e: ['suspended', FARTHER - 3],
      f: ['suspended', null],
    })
    expectPassword(users.get('ada'), 'my password')
    expect([users.get('b')?.isVerified, users.get('c')?.isVerified]).toEqual([true, false])
  })

  it('for Firebase keeps who was disabled out', async () => {
    const users = await read('firebase', 'firebase.json', ['--arg', 'sk', SIGNER, '--arg', 'ss', 'Bw=='])
    expect(states(users)).toEqual({ user1: ['active', undefined], disabled: ['suspended', null] })
    expectPassword(users.get('user1'), 'user1password')
    expect(users.get('user1')).toMatchObject({ isVerified: true, createdAtMs: 1_554_112_800_000 })
  })

  it.each([
    ['django', '[{"fields":{"email":"a@example.com","date_joined":"2019-04-01T12:00:00Z","password":"!"}}]'],
    ['better-auth', '{"email":"a@example.com","emailVerified":1,"createdAt":0}'],
    ['better-auth', '{"email":"a@example.com","emailVerified":1,"createdAt":0,"banned":"yes"}'],
    ['better-auth', '{"email":"a@example.com","emailVerified":1,"createdAt":0,"banned":0}'],
    ['better-auth', '{"email":"a@example.com","emailVerified":1,"createdAt":0,"banned":0,"twoFactorEnabled":"yes"}'],
    ['asp-net', '{"Email":"a@example.com","EmailConfirmed":1,"LockoutEnabled":1}'],
    ['asp-net', '{"Email":"a@example.com","EmailConfirmed":"?","LockoutEnabled":0,"LockoutEnd":null}'],
  ])('for %s stops where it cannot tell who was blocked or used a second factor: %s', async (recipe, row) => {
    await expect(convert(recipe, row)).rejects.toThrow(/neither true nor false|have no/)
  })

  it('is tested here, and named in the document', () => {
    const recipes = globSync('docs/user-import/*.jq').map((path) => basename(path))
    expect(recipes.sort()).toEqual(['asp-net.jq', 'better-auth.jq', 'django.jq', 'firebase.jq', 'latchkey.jq'])
    const text = readFileSync('docs/user-import-export.md', 'utf8')
    expect(recipes.filter((name) => !text.includes(`docs/user-import/${name}`))).toEqual([])
  })
})
