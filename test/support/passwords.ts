import type { KeyedPasswords } from '../../src/crypto/keyed-passwords.ts'
import { openContext, runtimeFor } from '../../src/deps.ts'
import { createApp } from '../../src/http/app.ts'

/** The Worker's application with other passwords than Argon2id's; everything else is real. */
export const appWithPasswords = (replace: (real: KeyedPasswords) => KeyedPasswords) =>
  createApp(async (env, facts, bookmark) => {
    const opened = openContext(env, await runtimeFor(env), { facts, actor: { type: 'anonymous' }, bookmark })
    return { ...opened, ctx: { ...opened.ctx, passwords: replace(opened.ctx.passwords) } }
  })

/** An application that notes the stored hash of every comparison; null for the decoy. */
export function watchComparisons() {
  const compared: (string | null)[] = []
  const hashed: string[] = []
  const app = appWithPasswords((real) => ({
    hash: (password) => {
      hashed.push(password)
      return real.hash(password)
    },
    check: (password, stored) => {
      compared.push(stored ?? null)
      return real.check(password, stored)
    },
  }))
  return { app, compared, hashed }
}

/** Instead of a hash the password itself, so that a test of counting costs no Argon2id. */
export function plainPasswords() {
  const compared: string[] = []
  const app = appWithPasswords(() => ({
    hash: (password) => `plain|${password}`,
    check: (password, stored) => {
      if (stored != null) compared.push(stored)
      return { matches: stored === `plain|${password}`, needsRehash: false }
    },
  }))
  return { app, compared }
}
