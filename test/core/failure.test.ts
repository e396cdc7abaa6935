import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/core/failure.ts'
import { TimeLimitError } from '../../src/storage/time-limit.ts'

const CANARY = 'canary@example.com'

describe('the description of an error for the log (H3)', () => {
  it.each([
    ['recognises a D1 that does not answer', new Error('D1_ERROR: Network connection lost.'), 'D1_ERROR', true],
    [
      'recognises an overloaded D1',
      new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.'),
      'D1_ERROR',
      true,
    ],
    [
      'recognises a violated constraint',
      new Error('D1_ERROR: UNIQUE constraint failed: users.id: SQLITE_CONSTRAINT'),
      'D1_ERROR',
      false,
    ],
    [
      'recognises an error in SQL',
      new Error('D1_ERROR: near "x": syntax error at offset 0: SQLITE_ERROR'),
      'D1_ERROR',
      false,
    ],
    [
      'recognises an error code of R2',
      new Error('put: We encountered an internal error. Please try again. (10001)'),
      '10001',
      true,
    ],
    ['recognises a busy database', new Error('D1_ERROR: database is locked: SQLITE_BUSY'), 'D1_ERROR', true],
    ['recognises a store that exceeded its time limit', new TimeLimitError(), undefined, true],
    ['recognises an error in our code', new TypeError('x is not a function'), undefined, false],
  ])('%s', (_, error, code, isTransient) => {
    expect(describeFailure(error)).toEqual({ name: error.name, code, isTransient })
  })

  it('includes the code of its cause', () => {
    const cause = new Error('D1_ERROR: Network connection lost.')
    expect(describeFailure(new Error('Failed query', { cause }))).toMatchObject({ code: 'D1_ERROR', isTransient: true })
  })

  it('never includes a message, its bound values, or a stack', () => {
    const cause = new Error(`UNIQUE constraint failed, params: ${CANARY}: SQLITE_CONSTRAINT`)
    const failures = [
      new Error(`Failed query: insert into users values (?) params: ${CANARY}`, { cause }),
      new Error(CANARY),
      CANARY,
      { message: CANARY },
    ]
    for (const failure of failures) expect(JSON.stringify(describeFailure(failure))).not.toContain('canary')
  })

  it.each([
    ['SQLITE_CANARY', 'Failed query, params: SQLITE_CANARY'],
    ['D1_CANARY', 'Failed query, params: D1_CANARY'],
  ])('does not mistake a bound value for a code of the platform: %s', (value, message) => {
    expect(JSON.stringify(describeFailure(new Error(message)))).not.toContain(value)
    expect(describeFailure(new Error(message)).isTransient).toBe(false)
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    ['text', 'string'],
    [1, 'number'],
  ])('handles a thrown %j', (thrown, name) => {
    expect(describeFailure(thrown)).toEqual({ name, code: undefined, isTransient: false })
  })
})
