import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { roomsTestedElsewhere, selectTests, structureTests } from '../../scripts/select-tests.ts'
import { LONGEST } from '../support/longest-first.ts'

const tests = globSync('test/**/*.test.ts', { exclude: ['**/node_modules'] })
const slow = new Set(LONGEST.map((name) => `test/${name}.test.ts`))
const select = (...changed: string[]) => selectTests(changed, { tests, slow })

describe('npm run test:quick', () => {
  it('names test files that exist', () => {
    const named = [...slow, ...structureTests, ...Object.values(roomsTestedElsewhere).flat()]
    expect(named.filter((path) => !tests.includes(path))).toEqual([])
  })

  it.each([
    ['src/sign-in/password/step-up.ts', 'test/sign-in/password/step-up.test.ts'],
    ['src/sessions/list-sessions.ts', 'test/sessions/own-sessions.test.ts'],
    ['src/operators/change-roles.ts', 'test/operators/roles.test.ts'],
    ['src/http/routes/users/me/sessions.ts', 'test/sessions/own-sessions.test.ts'],
    ['src/compliance/retention.ts', 'test/node/retention.test.ts'],
    ['src/cli/erasures/erasures.ts', 'test/node/latchkey.test.ts'],
    ['test/mail/words.test.ts', 'test/mail/words.test.ts'],
  ])('runs, after a change of %s, %s', (changed, test) => {
    expect(select(changed).run).toContain(test)
  })

  it('runs the tests about the structure of the sources after any change', () => {
    expect(select('docs/mail.md')).toEqual({ run: structureTests, leftOut: [] })
  })

  it('leaves slow tests out, but for one that was itself changed', () => {
    expect(select('src/operators/change-roles.ts').leftOut).toContain('test/operators/access.test.ts')
    expect(select('test/operators/access.test.ts').run).toContain('test/operators/access.test.ts')
  })

  it('runs a part of the suite at most, whatever the room', () => {
    const onePerFolder = new Map(globSync('src/**/*.ts').map((path) => [dirname(path), path])).values()
    for (const path of onePerFolder) expect({ path, few: select(path).run.length < 35 }).toMatchObject({ few: true })
  })
})
