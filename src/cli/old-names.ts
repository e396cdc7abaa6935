/** The npm scripts of version 0.1, with the words of `latchkey` that do the same. */
export const oldNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['admin:grant', ['admin', 'grant']],
  ['users:import', ['users', 'import']],
  ['users:export', ['users', 'export']],
  ['erasures', ['erasures']],
  ['dead-letters', ['dead-letters']],
  ['keys', ['keys']],
  ['vault:compare', ['vault', 'compare']],
  ['vault:restore', ['vault', 'restore']],
  ['vault:status', ['vault', 'status']],
  ['audit:verify', ['audit', 'verify']],
  ['receipt:verify', ['receipt', 'verify']],
])
