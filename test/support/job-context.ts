import { env } from 'cloudflare:workers'
import type { Context } from '../../src/context.ts'
import { newOutbox } from '../../src/core/ports.ts'
import { openContext, runtimeFor } from '../../src/runtime/runtime.ts'

/** What a job runs with, at a time of the test's choosing. */
export async function jobContext(now = Date.now(), bindings: Env = env): Promise<Context> {
  const facts = {
    requestId: crypto.randomUUID(),
    now,
    client: {},
    locale: null,
    outbox: newOutbox(),
    defer: (work: Promise<unknown>) => void work.catch(() => undefined),
  }
  return openContext(bindings, await runtimeFor(bindings), { facts, actor: { type: 'system' } }).ctx
}
