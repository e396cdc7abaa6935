const DESTRUCTIVE = [
  { pattern: /\bdrop\s+table\b/i, name: 'DROP TABLE' },
  { pattern: /\bforeign_keys\b["'`\]]?\s*[=(]\s*['"]?\s*(off|0|no|false)\b/i, name: 'foreign_keys=OFF' },
] as const

const REVIEWED = /^--[ \t]*reviewed:[ \t]*\S/i

/**
 * The destructive statements in a migration without a first line `-- reviewed: <why>`, with which a
 * person confirms them.
 *
 * D1 ignores `PRAGMA foreign_keys=OFF`. A table rebuild that drizzle-kit generates (copy, drop, rename)
 * therefore empties every child table with ON DELETE CASCADE, and the migration still reports success.
 */
export function unreviewedStatements(sql: string): string[] {
  if (REVIEWED.test(sql)) return []
  // The text is read both ways, because `--` inside a string is not a comment. A false alarm costs a
  // marker, a miss costs the data.
  const withoutComments = sql.replaceAll(/\/\*.*?\*\//gs, ' ').replaceAll(/--.*$/gm, ' ')
  return DESTRUCTIVE.filter(({ pattern }) => pattern.test(sql) || pattern.test(withoutComments)).map(({ name }) => name)
}
