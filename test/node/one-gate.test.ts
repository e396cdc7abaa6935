import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The files of `src` whose code matches. Comments are not searched. */
const filesWith = (pattern: RegExp): string[] =>
  globSync('src/**/*.{ts,tsx}')
    .filter((path) => pattern.test(readFileSync(path, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '')))
    .map((path) => path.slice('src/'.length))
    .sort()

describe('a level of authentication', () => {
  it('M14 is computed in one file. The typed client lists the names, and a step-up asks for what reaches one', () => {
    expect(filesWith(/['"`](?:aal\d|phr)['"`]/)).toEqual([
      'client/api.ts',
      'client/client.ts',
      'core/assurance.ts',
      'pages/browser/shared/step-up-proofs.ts',
    ])
  })
})

describe('a session', () => {
  it('M3 is opened by the gate alone: `completeSignIn` is the only importer of `startSession`', () => {
    expect(filesWith(/\bstartSession\b/)).toEqual(['sessions/start-session.ts', 'sign-in/complete-sign-in.ts'])
  })

  it('M3 becomes a row in one statement', () => {
    const inserting = /\bINSERT (?:OR \w+ )?INTO sessions\b|\binsert(?:Into|Rows)\(\s*sessions\b/
    expect(filesWith(inserting)).toEqual(['sessions/start-session.ts'])
  })

  it('M3 has methods that only the file of the levels makes', () => {
    expect(filesWith(/\bas (?:unknown as )?ProvenMethods\b/)).toEqual(['core/assurance.ts'])
    expect(filesWith(/\brecordedMethods\b/)).toEqual([
      'core/assurance.ts',
      'sign-in/application/continue-session.ts',
      'sign-in/finish-enrolment.ts',
      'sign-in/restore-account.ts',
      'sign-in/second-factor/prove-second-factor.ts',
    ])
  })
})
