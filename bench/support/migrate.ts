import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'

/** Applies every migration in a folder to the binding `DB`. */
export async function migrate(miniflare: Miniflare, folder: string): Promise<void> {
  const db = await miniflare.getD1Database('DB')
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  for (const name of files.sort()) {
    const statements = readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint')
    await db.batch(statements.filter((text) => text.trim() !== '').map((text) => db.prepare(text)))
  }
}
