import { openContext, runtimeFor } from './deps.ts'
import { createApp } from './http/app.ts'

const app = createApp(async (env, facts, bookmark) =>
  openContext(env, await runtimeFor(env), { facts, actor: { type: 'anonymous' }, bookmark }),
)

export default {
  fetch: app.fetch,
} satisfies ExportedHandler<Env>
