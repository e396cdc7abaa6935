// Writes the retention table into docs/data-inventory.md, so that what it says about stored data is what the code does.
// `--check` writes nothing and exits with 1 when the two differ.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptFor, type RetentionRule, retentionRules } from '../compliance/retention.ts'
import { settingsSchema } from '../core/settings.ts'

const PAGE = join(import.meta.dirname, '../../docs/data-inventory.md')
const START = '<!-- inventory:start -->'
const END = '<!-- inventory:end -->'

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

/** The text with the table between its markers. @returns undefined when the markers are not there, once each */
export function insertInventory(text: string, table: string): string | undefined {
  const [before, rest, ...moreStarts] = text.split(START)
  const [, after, ...moreEnds] = rest?.split(END) ?? []
  if (before === undefined || after === undefined || moreStarts.length + moreEnds.length > 0) return undefined
  return `${before}${START}\n${table}\n${END}${after}`
}

function main(): number {
  const current = readIfPresent(PAGE)
  const wanted = current === undefined ? undefined : insertInventory(current, formatInventory(retentionRules))
  if (wanted === undefined) return fail(`docs/data-inventory.md must have ${START} and ${END}, once each`)
  if (wanted === current) return 0
  if (process.argv.includes('--check'))
    return fail('the inventory in docs/data-inventory.md is stale: npm run docs:inventory')
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
