import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'

/** Applies a file, or every migration in a folder, to the binding `DB`. */
export async function applySchema(miniflare: Miniflare, path: string): Promise<void> {
  const db = await miniflare.getD1Database('DB')
  for (const file of filesAt(path)) {
    const statements = readFileSync(file, 'utf8').split('--> statement-breakpoint')
    await db.batch(statements.filter((text) => text.trim() !== '').map((text) => db.prepare(text)))
  }
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => join(path, name))
}
