import { env } from 'cloudflare:workers'
import type { Context } from '../../src/context.ts'
import { openContext, runtimeFor } from '../../src/runtime/runtime.ts'

/** The context of a job, at a time that the test chooses. */
export async function jobContext(now = Date.now(), bindings: Env = env): Promise<Context> {
  const facts = {
    requestId: crypto.randomUUID(),
    now,
    client: {},
    locale: null,
    defer: (work: Promise<unknown>) => void work.catch(() => undefined),
  }
  return openContext(bindings, await runtimeFor(bindings), { facts, actor: { type: 'system' } }).ctx
}
