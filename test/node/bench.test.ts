import { describe, expect, it } from 'vitest'
import { createRecorder } from '../../bench/counting/recorder.ts'
import { chart } from '../../bench/support/chart.ts'
import type { OperationName } from '../../bench/support/contender.ts'
import { report } from '../../bench/support/report.ts'
import type { Result, Results } from '../../bench/support/results.ts'
import { judge } from '../../bench/support/targets.ts'

const round = (perSecond: number) => ({
  perSecond,
  p50Ms: 1,
  p99Ms: 2,
  cpuMs: 1,
  completed: 10,
  failed: 0,
  errors: [],
})

const result = (contender: string, operation: OperationName, rates: readonly number[]): Result => ({
  contender,
  operation,
  connections: 50,
  rounds: rates.map(round),
})

// A machine that is half as fast in the second round, and pauses in the third round of one contender.
const results: Results = {
  results: [
    result('floor', 'profile', [1000, 500, 1000]),
    result('better-auth-d1', 'profile', [300, 150, 10]),
    result('latchkey', 'profile', [900, 450, 900]),
    result('latchkey', 'archive', [1200]),
  ],
  memory: [
    { contender: 'minimal', peakMib: 200, bundleKib: 80 },
    { contender: 'latchkey', peakMib: 301, bundleKib: 900 },
  ],
  minutes: 10,
  machine: 'a machine',
}

describe('the report of the benchmark', () => {
  it('judges by the median of the ratios of neighbouring rounds', () => {
    expect(judge(results)).toEqual([
      { target: expect.stringContaining('better-auth on D1'), measured: '3.00', isMet: true },
      { target: expect.stringContaining('bare D1 read'), measured: '0.90', isMet: true },
      { target: expect.stringContaining('peak memory'), measured: '101 MiB', isMet: false },
    ])
  })

  it('shows each contender with its multiple of the floor, and a dash for what it does not have', () => {
    const text = report(results)
    expect(text).toContain('| Latchkey | 900 (0.90) | 1200 | — |')
    expect(text).toContain('| better-auth on D1 | 150 (0.30) | — |')
    expect(text).toContain('900 (450 to 900)')
  })

  it('draws operations of at least two contenders', () => {
    const svg = chart(results, 50)
    expect(svg.match(/<rect/g)).toHaveLength(3)
    expect(svg).not.toContain('archive')
  })
})

describe('the recorder of calls to stores', () => {
  it('tells calls that waited for one another, that went together, and that the answer did not wait for', async () => {
    const recorder = createRecorder()
    const call = (method: string, ends: Promise<void> = Promise.resolve()) =>
      recorder.around({ store: 'KV', method }, () => ends)
    const late = Promise.withResolvers<void>()
    let behind: Promise<void> | undefined
    await recorder.request(async () => {
      await Promise.all([call('first'), call('beside')])
      await call('second')
      behind = call('behind', late.promise)
      return new Response()
    })
    late.resolve()
    await behind
    await call('after')
    const { calls, pending } = recorder.take()
    expect(pending).toBe(0)
    expect(calls.map(({ method, depth, isAfter }) => [method, isAfter ? 'after' : depth])).toEqual([
      ['first', 1],
      ['beside', 1],
      ['second', 2],
      ['behind', 'after'],
      ['after', 'after'],
    ])
    expect(recorder.take().calls).toEqual([])
  })
})
