import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** Files of `src` by their paths in it, without their comments. */
const sources = Object.fromEntries(
  globSync('src/**/*.{ts,tsx}').map((path) => [
    path.slice('src/'.length),
    readFileSync(path, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, ''),
  ]),
)

/** The matches of a pattern, by the file that has them. */
const findings = (pattern: RegExp, isMeant = (_path: string) => true): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(sources)
      .filter(([path]) => isMeant(path))
      .map(([path, text]) => [path, [...text.matchAll(pattern)].map(([found]) => found)] as const)
      .filter(([, found]) => found.length > 0),
  )

describe('what follows from a statement', () => {
  /** Calls that report a change of the database to another store or queue. */
  const CONSEQUENCE =
    /\b(?:(?:sessions|cache)\.(?:remember|revoke)|limiter\.(?:remember|publish|forget)|finishFirst|defer|(?:events\.set|mailJobs\.add|unfinished\.push))\(/g

  // After a batch, such a call can be forgotten, or made for a change that was not committed. `onReturned`,
  // `takenFrom` and `later` attach it to the statement. Each file here either is such a place, or its call
  // does not follow from a statement.
  test('is attached to it, and is called after no batch', () => {
    expect(findings(CONSEQUENCE, (path) => !/^(?:http|cli|client)\//.test(path))).toEqual({
      'storage/database/end-sessions.ts': ['defer(', 'cache.revoke('],
      'storage/database/remember-sessions.ts': ['defer(', 'sessions.remember('],
      'storage/database/outbox.ts': ['finishFirst(', 'finishFirst(', 'unfinished.push('],
      'storage/database/take-event.ts': ['events.set(', 'events.set('],
      'storage/database/outbox-mail.ts': ['mailJobs.add(', 'finishFirst(', 'mailJobs.add('],
      'rate-limits/rate-limit.ts': ['limiter.remember(', 'defer(', 'limiter.publish('],
      // Called from `onReturned` of the statement that opens a session.
      'sessions/end-surplus-sessions.ts': ['finishFirst('],
      'compliance/export/request-export.ts': ['defer('],
      // The first keeps running after the client has disconnected, so that a detected theft is handled. The
      // others run together with the read.
      'sessions/refresh.ts': ['defer('],
      'sessions/rotate-session.ts': ['defer(', 'sessions.revoke('],
      // Sent beside the batch that opens the session, and not after it.
      'sessions/start-session.ts': ['defer(', 'sessions.remember('],
      // Awaited, because the answer says that it is done.
      'rate-limits/clear-counters.ts': ['limiter.forget('],
      // Follows from the comparison of a password.
      'sign-in/password/login.ts': ['defer('],
      // These follow from a batch that did not do what it was sent for: a claim that is given back, a key
      // without an account.
      'idempotency/take-key.ts': ['defer('],
      'identity/register-user.ts': ['defer('],
      'sign-in/federated/register-federated-user.ts': ['defer('],
      'sign-in/passkey/sign-up-with-passkey.ts': ['defer('],
      // No batch is involved.
      'storage/key-vault.ts': ['defer('],
      'storage/key-bucket.ts': ['defer('],
    })
  })

  test('is a value where it completes an event or a mail: to make one and leave it does nothing', () => {
    const left = findings(/(?<!\blater(?::| =) )\baddClient(?:ToMail)?Later\(/g)
    expect(left).toEqual({})
  })
})

describe('the context of a verb', () => {
  test('is a list of five members at most: a longer one is a named bundle of src/context.ts', () => {
    const long = findings(/\bPick<[^>]*>/g, (path) => path !== 'context.ts')
    const over = Object.entries(long).flatMap(([path, picks]) =>
      picks.filter((pick) => (pick.match(/'\w+'/g) ?? []).length > 5).map((pick) => `${path}: ${pick}`),
    )
    expect(over).toEqual([])
  })
})
