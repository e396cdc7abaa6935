import { inOneGo, type Sliced } from '../../src/core/sliced.ts'
import type { WaitingLine } from '../../src/core/waiting-line.ts'
import type { KeyedPasswords } from '../../src/crypto/keyed-passwords.ts'
import { passwordsInLine } from '../../src/crypto/passwords-in-line.ts'
import { openContext, runtimeFor } from '../../src/deps.ts'
import { createApp } from '../../src/http/app.ts'

/** The Worker's application with other passwords than Argon2id's; everything else is real. */
export const appWithPasswords = (replace: (real: KeyedPasswords) => KeyedPasswords, line?: WaitingLine) =>
  createApp(async (env, facts, bookmark) => {
    const runtime = await runtimeFor(env)
    const opened = openContext(env, runtime, { facts, actor: { type: 'anonymous' }, bookmark })
    const passwords = passwordsInLine(replace(runtime.passwords), line ?? runtime.hashLine)
    return { ...opened, ctx: { ...opened.ctx, passwords } }
  })

/** An application that notes the stored hash of every comparison, null for the decoy, and the scheme a decoy imitates. */
export function watchComparisons() {
  const compared: (string | null)[] = []
  const decoys: (string | undefined)[] = []
  const hashed: string[] = []
  const app = appWithPasswords((real) => ({
    *hash(password) {
      hashed.push(password)
      return yield* real.hash(password)
    },
    adopt: (foreign) => real.adopt(foreign),
    *check(password, stored, decoyScheme) {
      compared.push(stored ?? null)
      decoys.push(decoyScheme)
      return yield* real.check(password, stored, decoyScheme)
    },
  }))
  return { app, compared, decoys, hashed }
}

const noLine: WaitingLine = {
  enter: () => ({ run: async (work) => inOneGo(work), leave: () => undefined }),
  pass: () => undefined,
}

/** Work in two slices that costs nothing. */
export function* atOnce<Result>(result: Result): Sliced<Result> {
  yield
  return result
}

/** Instead of a hash the password itself, so that a test of counting costs no Argon2id and no line before it. */
export function plainPasswords(line = noLine) {
  const compared: string[] = []
  const plain: KeyedPasswords = {
    hash: (password) => atOnce(`plain|${password}`),
    adopt: () => atOnce('imported:bcrypt-4-23:AAAA$argon2id$'),
    *check(password, stored) {
      if (stored != null) compared.push(stored)
      return yield* atOnce({ matches: stored === `plain|${password}`, needsRehash: false })
    },
  }
  return { app: appWithPasswords(() => plain, line), compared }
}
