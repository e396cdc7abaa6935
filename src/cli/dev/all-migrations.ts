import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWrangler } from '../shared/wrangler.ts'
import { configFolder, type DevOptions, databasePlace } from './dev-options.ts'

/**
 * Whether there is no local database yet, and wrangler would record migrations in the usual way. With an
 * interrupted first start the database exists, without tables.
 */
export function isNewDatabase(options: DevOptions): boolean {
  const config = options.configPath ?? 'wrangler.toml'
  const state = options.persistTo ?? join(configFolder(options), '.wrangler/state')
  if (existsSync(join(state, 'v3/d1')) || !existsSync(config)) return false
  return !/migrations_(table|pattern)/.test(readFileSync(config, 'utf8'))
}

/**
 * Applies all migrations to a new database, in one batch. `wrangler d1 migrations apply` starts a workerd for
 * each file, which takes half a second of the processor each. It finds nothing left to do.
 */
export async function applyAllMigrations(options: DevOptions): Promise<{ exitCode: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-migrations-'))
  try {
    const file = join(folder, 'all.sql')
    writeFileSync(file, allMigrations(join(configFolder(options), 'migrations')))
    return await runWrangler(['d1', 'execute', 'DB', '--yes', '--file', file, ...databasePlace(options)])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The table is that of wrangler, letter by letter. */
const MIGRATIONS_TABLE = `CREATE TABLE d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`

function allMigrations(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  const applied = names.sort().map((name) => {
    const quoted = `'${name.replaceAll("'", "''")}'`
    return `${readFileSync(join(folder, name), 'utf8')}\nINSERT INTO d1_migrations (name) VALUES (${quoted});`
  })
  return [MIGRATIONS_TABLE, ...applied].join('\n')
}
