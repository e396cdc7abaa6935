import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

const forbidden: readonly (readonly [importer: string, imported: string])[] = [
  ['core/errors.ts', 'hono'],
  ['core/errors.ts', 'jose'],
  ['core/context.ts', 'cloudflare:workers'],
  ['core/context.ts', 'node:crypto'],
  ['core/context.ts', '../config.ts'],
  ['core/ids/user-id.ts', '../../storage/database.ts'],
  ['crypto/tokens.ts', '../storage/database.ts'],
  ['crypto/tokens.ts', '../config.ts'],
  ['crypto/tokens.ts', 'cloudflare:workers'],
  ['crypto/argon2id/hash.ts', '../../identity/find-user.ts'],
  ['storage/key-vault.ts', '../auth/login.ts'],
  ['storage/key-vault.ts', '../deps.ts'],
  ['storage/key-vault.ts', 'hono'],
  ['identity/register.ts', '../auth/login.ts'],
  ['identity/register.ts', '../profile/read.ts'],
  ['identity/register.ts', '../storage/session-cache.ts'],
  ['identity/register.ts', 'hono'],
  ['identity/oauth/google.ts', '../../auth/login.ts'],
  ['identity/oauth/google.ts', '../../storage/key-vault.ts'],
  ['profile/read.ts', '../identity/find-user.ts'],
  ['profile/read.ts', '../cli/dev.ts'],
  ['auth/login.ts', '../profile/read.ts'],
  ['auth/login.ts', '../mail/render-mail.ts'],
  ['mail/deliver-mail.ts', '../auth/login.ts'],
  ['mail/deliver-mail.ts', '../storage/mail-queue.ts'],
  ['mail/transports/smtp.ts', 'hono'],
  ['auth/login.ts', '../compliance/erase.ts'],
  ['auth/login.ts', '../storage/rate-limiter.ts'],
  ['auth/login.ts', '@hono/zod-validator'],
  ['auth/login.ts', '@cloudflare/workers-types'],
  ['compliance/erase.ts', '../storage/archive.ts'],
  ['compliance/erase.ts', '../http/app.ts'],
  ['compliance/erase.ts', 'hono/factory'],
  ['compliance/erase.ts', '../operators/erase-user.ts'],
  ['auth/login.ts', '../operators/suspend-user.ts'],
  ['identity/register.ts', '../operators/suspend-user.ts'],
  ['storage/key-vault.ts', '../operators/suspend-user.ts'],
  ['core/errors.ts', '../operators/mask.ts'],
  ['operators/suspend-user.ts', '../storage/session-cache.ts'],
  ['operators/suspend-user.ts', '../http/app.ts'],
  ['operators/suspend-user.ts', '../jobs/archive.ts'],
  ['operators/suspend-user.ts', 'hono'],
  ['index.ts', './operators/suspend-user.ts'],
  ['http/routes/auth/login.ts', '../../../storage/database.ts'],
  ['http/routes/auth/login.ts', '../../../crypto/tokens.ts'],
  ['http/app.ts', '../storage/schema/index.ts'],
  ['http/app.ts', '../jobs/archive.ts'],
  ['http/app.ts', '../deps.ts'],
  ['jobs/archive.ts', '../storage/archive.ts'],
  ['jobs/archive.ts', '../http/app.ts'],
  ['jobs/archive.ts', 'hono'],
  ['deps.ts', './http/app.ts'],
  ['deps.ts', 'hono'],
  ['config.ts', './storage/database.ts'],
  ['index.ts', './storage/database.ts'],
  ['index.ts', './auth/login.ts'],
  ['index.ts', './cli/dev.ts'],
  ['index.ts', '../scripts/openapi.ts'],
  ['profile/read.ts', '../../scripts/openapi.ts'],
  ['core/errors.ts', '../../scripts/openapi.ts'],
  ['http/app.ts', '../../scripts/openapi.ts'],
  ['cli/dev.ts', '../../scripts/openapi.ts'],
  ['client/client.ts', '../core/errors.ts'],
  ['client/client.ts', 'zod'],
  ['context.ts', './client/client.ts'],
]

const allowed: readonly (readonly [importer: string, imported: string])[] = [
  ['core/errors.ts', 'zod'],
  ['core/errors.ts', './context.ts'],
  ['core/ids/user-id.ts', '../errors.ts'],
  ['crypto/tokens.ts', '../core/errors.ts'],
  ['crypto/tokens.ts', 'jose'],
  ['crypto/argon2id/hash.ts', './argon2id.wasm'],
  ['storage/key-vault.ts', '../crypto/tokens.ts'],
  ['storage/key-vault.ts', '../config.ts'],
  ['storage/database.ts', 'drizzle-orm/d1'],
  ['storage/database.ts', 'cloudflare:workers'],
  ['identity/register.ts', '../storage/database.ts'],
  ['identity/register.ts', '../storage/schema/index.ts'],
  ['storage/database/sessions.ts', '../schema/index.ts'],
  ['identity/register.ts', '../storage/outbox.ts'],
  ['identity/register.ts', '../config.ts'],
  ['identity/oauth/google.ts', '../../core/errors.ts'],
  ['identity/oauth/google.ts', '../find-user.ts'],
  ['profile/read.ts', '../crypto/tokens.ts'],
  ['auth/login.ts', '../identity/find-user.ts'],
  ['compliance/erase.ts', '../auth/login.ts'],
  ['compliance/erase.ts', '../mail/personal-data.ts'],
  ['mail/deliver-mail.ts', '../storage/outbox-mail.ts'],
  ['mail/transports/smtp.ts', 'nodemailer'],
  ['core/device.ts', 'bowser'],
  ['jobs/consume.ts', '../mail/deliver-mail.ts'],
  ['http/middleware/open-context.ts', '../../mail/choose-locale.ts'],
  ['compliance/erase.ts', '../identity/find-user.ts'],
  ['compliance/erase.ts', '../profile/read.ts'],
  ['operators/suspend-user.ts', '../auth/login.ts'],
  ['operators/suspend-user.ts', '../identity/find-user.ts'],
  ['operators/suspend-user.ts', '../profile/read.ts'],
  ['operators/suspend-user.ts', '../compliance/erase.ts'],
  ['operators/suspend-user.ts', '../storage/outbox.ts'],
  ['http/routes/admin/users.ts', '../../../operators/list-users.ts'],
  ['jobs/archive.ts', '../operators/suspend-user.ts'],
  ['http/routes/auth/login.ts', '../../../auth/login.ts'],
  ['http/routes/auth/login.ts', 'hono'],
  ['http/app.ts', '../config.ts'],
  ['jobs/archive.ts', '../compliance/erase.ts'],
  ['deps.ts', './storage/key-vault.ts'],
  ['index.ts', './http/app.ts'],
  ['index.ts', './jobs/archive.ts'],
  ['index.ts', './deps.ts'],
  ['index.ts', 'hono'],
  ['cli/dev.ts', '../storage/database.ts'],
  ['client/client.ts', './session.ts'],
]

const report = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.number() }) }),
    }),
  ),
})

/** Rule names by `file:line`. */
type Complaints = ReadonlyMap<string, readonly string[]>

let folder: string
let complaints: Complaints
const places = new Map<string, string>()

// A file for each importer, a line for each of its imports: one run of the linter judges them all.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-import-rules-'))
  await copyFile('biome.json', join(folder, 'biome.json'))
  for (const [importer, imports] of Map.groupBy([...forbidden, ...allowed], ([importer]) => importer)) {
    for (const [index, [, imported]] of imports.entries()) {
      places.set(`${importer} ${imported}`, `src/${importer}:${index + 1}`)
    }
    await writeSource(`src/${importer}`, imports.map(([, imported]) => `import '${imported}'\n`).join(''))
  }
  await writeSource('src/auth/sessions.ts', "import { b } from './refresh.ts'\nexport const a = () => b\n")
  await writeSource('src/auth/refresh.ts', "import { a } from './sessions.ts'\nexport const b = () => a\n")
  complaints = await lint()
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('import rules', () => {
  it.each(forbidden)('src/%s may not import %s', (importer, imported) => {
    expect(complaintsAbout(importer, imported)).toContain('lint/style/noRestrictedImports')
  })

  it.each(allowed)('src/%s may import %s', (importer, imported) => {
    expect(complaintsAbout(importer, imported)).not.toContain('lint/style/noRestrictedImports')
  })

  it('refuses a cycle', () => {
    expect(complaints.get('src/auth/sessions.ts:1')).toEqual(['lint/suspicious/noImportCycles'])
    expect(complaints.get('src/auth/refresh.ts:1')).toEqual(['lint/suspicious/noImportCycles'])
  })
})

function complaintsAbout(importer: string, imported: string): readonly string[] {
  return complaints.get(places.get(`${importer} ${imported}`) ?? '') ?? []
}

async function writeSource(path: string, source: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), source)
}

async function lint(): Promise<Complaints> {
  const found = new Map<string, string[]>()
  for (const { category, location } of report.parse(JSON.parse(await runBiome())).diagnostics) {
    const place = `${location.path}:${location.start.line}`
    found.set(place, [...(found.get(place) ?? []), category])
  }
  return found
}

function runBiome(): Promise<string> {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', '.']
  return new Promise((resolve) => {
    // It exits with 1, as it should: there is much to complain about.
    execFile(join(process.cwd(), 'node_modules/.bin/biome'), args, { cwd: folder }, (_, stdout) => resolve(stdout))
  })
}
