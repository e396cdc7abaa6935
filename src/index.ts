import { createApp } from './app/app.ts'
import type { Context } from './context.ts'
import { metricsFor } from './runtime/bindings.ts'
import { openContext, runtimeFor } from './runtime/runtime.ts'

const app = createApp(
  async (env, facts, bookmark) =>
    openContext(env, await runtimeFor(env), { facts, actor: { type: 'anonymous' }, bookmark }),
  metricsFor,
)

export default {
  fetch: app.fetch,
  async queue(batch, env, execution) {
    const { consume } = await import('./jobs/consume.ts')
    await consume(await openForService(env, execution), batch)
  },
  async scheduled(controller, env, execution) {
    const { runScheduled } = await import('./jobs/scheduled.ts')
    await runScheduled(await openForService(env, execution), controller)
  },
} satisfies ExportedHandler<Env>

/** The context of work that no HTTP request caused: queue batches and cron runs. */
async function openForService(env: Env, execution: ExecutionContext): Promise<Context> {
  const facts = {
    requestId: crypto.randomUUID(),
    now: Date.now(),
    client: {},
    locale: null,
    defer: (work: Promise<unknown>) => execution.waitUntil(work),
  }
  return openContext(env, await runtimeFor(env), { facts, actor: { type: 'system' } }).ctx
}
