import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** Files of `src` by their paths in it, without their comments. */
const sources = Object.fromEntries(
  globSync('src/**/*.ts').map((path) => [
    path.slice('src/'.length),
    readFileSync(path, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, ''),
  ]),
)

/** What a pattern finds in each file that has it. */
const findings = (pattern: RegExp, isMeant = (_path: string) => true): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(sources)
      .filter(([path]) => isMeant(path))
      .map(([path, text]) => [path, [...text.matchAll(pattern)].map(([found]) => found)] as const)
      .filter(([, found]) => found.length > 0),
  )

describe('what follows from a statement', () => {
  /** Calls that tell somebody outside the database what has become true in it. */
  const CONSEQUENCE =
    /\b(?:(?:sessions|cache)\.(?:remember|revoke)|limiter\.(?:remember|publish|forget)|finishFirst|defer|(?:events\.set|mailJobs\.add|unfinished\.push))\(/g

  // Behind a batch such a call can be forgotten, or made for what was not committed. `onReturned`,
  // `takenFrom` and `later` have it ride along with the statement. Each of these either is such a place, or
  // does not follow from a statement.
  test('rides along with it, and is called behind no batch', () => {
    expect(findings(CONSEQUENCE, (path) => !/^(?:http|cli|client)\//.test(path))).toEqual({
      'storage/database/end-sessions.ts': ['defer(', 'cache.revoke('],
      'storage/database/remember-sessions.ts': ['defer(', 'sessions.remember('],
      'storage/database/outbox.ts': ['events.set(', 'finishFirst(', 'finishFirst(', 'unfinished.push('],
      'storage/database/outbox-mail.ts': ['mailJobs.add(', 'finishFirst(', 'mailJobs.add('],
      'rate-limits/rate-limit.ts': ['limiter.remember(', 'defer(', 'limiter.publish('],
      // Called from `onReturned` of the statement that opens a session.
      'sessions/end-surplus-sessions.ts': ['finishFirst('],
      'compliance/export/request-export.ts': ['defer('],
      // The first lets a theft be acted upon when the client does not wait; the others ride along with the
      // read.
      'sessions/refresh.ts': ['defer(', 'defer(', 'sessions.revoke('],
      // Sent beside the batch that opens the session, and not after it.
      'sessions/start-session.ts': ['defer(', 'sessions.remember('],
      // Waited for: the answer says that it is done here.
      'rate-limits/clear-lockout.ts': ['limiter.forget('],
      // Follows from a comparison of a password.
      'sign-in/password/login.ts': ['defer('],
      // These follow from a batch that did not do what it was sent for: a claim that is given back, a key
      // without an account.
      'idempotency/take-key.ts': ['defer('],
      'identity/register-user.ts': ['defer('],
      'sign-in/federated/register-federated-user.ts': ['defer('],
      // No batch is near them.
      'storage/key-vault.ts': ['defer('],
      'storage/key-bucket.ts': ['defer('],
    })
  })

  test('is a value where it completes an event or a mail: to make one and leave it does nothing', () => {
    const left = findings(/(?<!\blater(?::| =) )\baddClient(?:ToMail)?Later\(/g)
    expect(left).toEqual({})
  })
})

describe('what a verb asks for', () => {
  test('is a list of five members at most: what is longer is a named bundle of src/context.ts', () => {
    const long = findings(/\bPick<[^>]*>/g, (path) => path !== 'context.ts')
    const over = Object.entries(long).flatMap(([path, picks]) =>
      picks.filter((pick) => (pick.match(/'\w+'/g) ?? []).length > 5).map((pick) => `${path}: ${pick}`),
    )
    expect(over).toEqual([])
  })
})
