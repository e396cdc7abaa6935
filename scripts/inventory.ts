// Writes the retention table into docs/data-inventory.md, so that the document matches the code. `--check`
// writes nothing and exits with 1 when the two differ.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptFor, type RetentionRule, retentionRules } from '../src/compliance/retention.ts'
import { settingsSchema } from '../src/core/settings.ts'
import { replaceBetween } from './between-markers.ts'

const PAGE = join(import.meta.dirname, '../docs/data-inventory.md')

const COLUMNS = ['store', 'table, prefix or queue', 'holds', 'personal data', 'why', 'kept', 'removed by'] as const

/** The retention table in Markdown, with every setting at its default. */
export function formatInventory(rules: readonly RetentionRule[]): string {
  const settings = settingsSchema.parse({ ISSUER: 'http://localhost', AUDIENCE: 'latchkey' })
  const rows = rules.map((rule) => [
    rule.store,
    `\`${rule.place}\``,
    rule.holds,
    rule.personalData,
    rule.basis,
    keptFor(rule, settings),
    rule.removedBy,
  ])
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/**
 * Returns the text with the table between its markers.
 * @returns undefined unless each marker occurs exactly once
 */
export const insertInventory = (text: string, table: string): string | undefined =>
  replaceBetween(text, 'inventory', table)

function main(): number {
  const current = readIfPresent(PAGE)
  const wanted = current === undefined ? undefined : insertInventory(current, formatInventory(retentionRules))
  if (wanted === undefined) return fail('docs/data-inventory.md must have the markers of `inventory`, once each')
  if (wanted === current) return 0
  if (process.argv.includes('--check'))
    return fail('the inventory in docs/data-inventory.md is stale: npm run generate -- inventory')
  writeFileSync(PAGE, wanted)
  return 0
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`)
  return 1
}

if (import.meta.main) process.exitCode = main()
