import { env } from 'cloudflare:workers'
import type { Context } from '../../src/context.ts'
import { openContext, runtimeFor } from '../../src/deps.ts'

/** What a job runs with, at a time of the test's choosing. */
export async function jobContext(now = Date.now(), bindings: Env = env): Promise<Context> {
  const facts = {
    requestId: crypto.randomUUID(),
    now,
    client: {},
    outbox: { hasEvents: false, unfinished: [] },
    defer: (work: Promise<unknown>) => void work.catch(() => undefined),
  }
  return openContext(bindings, await runtimeFor(bindings), { facts, actor: { type: 'system' } }).ctx
}
