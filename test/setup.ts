import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

beforeEach(async () => {
  await reset()
  // On a busy machine a reset was seen to leave objects in R2, mostly between two files; a second one takes them.
  while ((await env.VAULT.list({ limit: 1 })).objects.length > 0) await reset()
  await applyD1Migrations(
    env.DB,
    (env as Env & { TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1] }).TEST_MIGRATIONS,
  )
})
