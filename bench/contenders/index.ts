import type { Contender } from '../support/contender.ts'
import { betterAuths } from './better-auth/contender.ts'
import { floor } from './floor/contender.ts'
import { latchkey } from './latchkey/contender.ts'
import { minimal } from './minimal/contender.ts'
import { openauth } from './openauth/contender.ts'

/** In the order of the tables. */
export const contenders: readonly Contender[] = [floor, minimal, ...betterAuths, openauth, latchkey]
