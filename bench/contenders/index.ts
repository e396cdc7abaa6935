import { join } from 'node:path'
import type { Contender } from '../support/contender.ts'
import { betterAuths } from './better-auth/contender.ts'
import { floor } from './floor/contender.ts'
import { latchkey } from './latchkey/contender.ts'
import { minimal } from './minimal/contender.ts'
import { openauth } from './openauth/contender.ts'

/** In the order of the tables. */
export const contenders: readonly Contender[] = [floor, minimal, ...betterAuths, openauth, latchkey]

/** Latchkey of the checkout in the folder that BENCH_BEFORE names, and of this one. */
export const versions: readonly Contender[] = versionsSince(process.env.BENCH_BEFORE)

function versionsSince(folder: string | undefined): Contender[] {
  if (folder === undefined) return []
  const [configPath, schema] = [join(folder, 'wrangler.toml'), join(folder, 'migrations')]
  return [
    { ...latchkey, name: 'before', configPath, schema },
    { ...latchkey, name: 'now' },
  ]
}
