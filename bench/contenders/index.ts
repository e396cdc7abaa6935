import { join } from 'node:path'
import type { Contender } from '../support/contender.ts'
import { betterAuths } from './better-auth/contender.ts'
import { floor } from './floor/contender.ts'
import { latchkey } from './latchkey/contender.ts'
import { minimal } from './minimal/contender.ts'
import { openauth } from './openauth/contender.ts'

/** In the order of the tables. */
export const contenders: readonly Contender[] = [floor, minimal, ...betterAuths, openauth, ...before(), latchkey]

/** Latchkey of another checkout, in the folder that BENCH_BEFORE names, to measure the effect of a change. */
function before(): Contender[] {
  const folder = process.env.BENCH_BEFORE
  if (folder === undefined) return []
  const [configPath, schema] = [join(folder, 'wrangler.toml'), join(folder, 'migrations')]
  return [{ ...latchkey, name: 'latchkey-before', title: 'Latchkey before', configPath, schema }]
}
