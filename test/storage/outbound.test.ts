import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { OutboundError } from '../../src/core/outbound-error.ts'
import type { OutboundRequest } from '../../src/core/ports.ts'
import { createOutbound } from '../../src/storage/outbound.ts'

const outbound = createOutbound('https://id.example.com')
const PEER = 'https://peer.example/path'

const request = (change: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url: PEER,
  headers: {},
  limitMs: 1000,
  maxBytes: 100,
  ...change,
})

/** The failure's word, or the answer. Any error but the documented one is thrown. */
async function ask(change: Partial<OutboundRequest> = {}, using = outbound) {
  try {
    const { status, body } = await using(request(change))
    return { status, text: new TextDecoder().decode(body) }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    expect(Object.keys(error).sort()).toEqual(['failure', 'name'])
    expect(error.cause).toBeUndefined()
    expect(`${error.name} ${error.message}`).not.toContain('canary')
    return error.failure
  }
}

/** A body that is sent chunk by chunk, and whether it was cancelled. */
function endless(chunk: () => Promise<Uint8Array>) {
  const state = { isCancelled: false, sent: 0 }
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(await chunk())
      state.sent += 1
    },
    cancel() {
      state.isCancelled = true
    },
  })
  return { stream, state }
}

const never = () => new Promise<never>(() => undefined)

/** Some bytes one by one, then nothing. */
function thenNever(count: number) {
  let left = count
  return () => (left-- > 0 ? Promise.resolve(new Uint8Array(1)) : never())
}

it('the runtime knows the flag that sends requests to the own zone through its front door', () => {
  expect(Cloudflare.compatibilityFlags.global_fetch_strictly_public).toBe(true)
})

describe('a request to another service (H8)', () => {
  let fetched: MockInstance<typeof fetch>
  const answer = (respond: (init: RequestInit) => Promise<Response> | Response) =>
    fetched.mockImplementation(async (_, init) => respond(init ?? {}))

  beforeEach(() => {
    fetched = vi.spyOn(globalThis, 'fetch')
    answer(() => new Response('hello'))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('goes out as the address that was checked, follows no redirect and asks no cache', async () => {
    expect(await ask({ url: 'https://PEER.example:443/a/../path#x', headers: { 'x-one': '1' } })).toEqual({
      status: 200,
      text: 'hello',
    })
    expect(fetched).toHaveBeenCalledExactlyOnceWith(`${PEER}#x`, {
      method: 'GET',
      headers: { 'x-one': '1' },
      body: null,
      redirect: 'manual',
      cache: 'no-store',
      signal: expect.any(AbortSignal),
    })
  })

  it.each([
    ...['https://localhost', 'https://127.0.0.1', 'https://[::1]', 'http://127.0.0.1:8787', 'http://localhost:8787'],
    ...['https://2130706433', 'https://[::ffff:127.0.0.1]', 'https://10.0.0.1', 'http://peer.example', 'no address'],
  ])('does not go out to %s', async (url) => {
    expect(await ask({ url })).toBe('forbidden')
    expect(fetched).not.toHaveBeenCalled()
  })

  it('goes out to this machine where ISSUER is on it', async () => {
    const local = createOutbound('http://localhost:8787')
    expect(await ask({ url: 'http://127.0.0.1:8080/' }, local)).toEqual({ status: 200, text: 'hello' })
    expect(await ask({ url: 'http://10.0.0.1/' }, local)).toBe('forbidden')
  })

  it('hands on a redirect as an answer, with its headers', async () => {
    answer(() => new Response('moved', { status: 302, headers: { location: 'https://127.0.0.1/' } }))
    const { status, headers } = await outbound(request())
    expect([status, headers.get('location')]).toEqual([302, 'https://127.0.0.1/'])
    expect(fetched).toHaveBeenCalledOnce()
  })

  it('fails in one word whatever is thrown', async () => {
    for (const thrown of [new TypeError('canary'), new DOMException('canary', 'AbortError'), 'canary', undefined]) {
      answer(() => Promise.reject(thrown))
      expect(await ask()).toBe('unreachable')
    }
    answer(() => new Response(new ReadableStream({ pull: () => Promise.reject(new Error('canary')) })))
    expect(await ask()).toBe('unreachable')
  })

  it('takes a body of exactly the size that it may have', async () => {
    answer(() => new Response('x'.repeat(100)))
    expect(await ask()).toMatchObject({ text: 'x'.repeat(100) })
    answer(() => new Response('x'.repeat(101)))
    expect(await ask()).toBe('too_large')
    answer(() => new Response(null, { status: 204 }))
    expect(await ask({ maxBytes: 0 })).toEqual({ status: 204, text: '' })
  })

  it('stops reading a body that does not end', async () => {
    const { stream, state } = endless(async () => new Uint8Array(30))
    answer(() => new Response(stream))
    expect(await ask()).toBe('too_large')
    expect(state.isCancelled).toBe(true)
    expect(state.sent).toBeLessThan(10)
  })

  it.each([
    ['no answer comes', () => never()],
    ['the body does not begin', async () => new Response(endless(never).stream)],
    ['the body breaks off in silence', async () => new Response(endless(thenNever(5)).stream)],
  ])('ends after its time when %s, and hangs up', async (_, respond) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let signal: AbortSignal | null | undefined
    answer((init) => {
      signal = init.signal
      return respond()
    })
    const asked = ask({ maxBytes: 1_000_000 })
    await vi.advanceTimersByTimeAsync(1000)
    expect(await asked).toBe('timed_out')
    expect(signal?.aborted).toBe(true)
  })

  it('drops the body unread where the caller names no size', async () => {
    const { stream, state } = endless(async () => new Uint8Array(1_000_000))
    answer(() => new Response(stream, { status: 202 }))
    const { maxBytes: _, ...unread } = request()
    const { status, body } = await outbound(unread)
    expect([status, body.byteLength, state.isCancelled]).toEqual([202, 0, true])
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers()
    await ask()
    answer(() => Promise.reject(new TypeError('down')))
    await ask()
    expect(vi.getTimerCount()).toBe(0)
  })
})
