import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/**
 * Adds a random `ROOT_KEYS` (version 1, 32 bytes, base64url) to a `.dev.vars` file that has none, and answers
 * whether it did. A key that is there stays: everything stored so far can only be read with it.
 */
export function ensureRootKeys(path: string): boolean {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (setsVariable(before, 'ROOT_KEYS')) return false
  const line = `ROOT_KEYS="1:${randomBytes(32).toString('base64url')}"\n`
  closeToOthers(path)
  appendFileSync(path, before === '' || before.endsWith('\n') ? line : `\n${line}`)
  return true
}

/** Whether a `.dev.vars` file sets this variable; a missing file sets none. */
export function fileSetsVariable(path: string, name: string): boolean {
  return existsSync(path) && setsVariable(readFileSync(path, 'utf8'), name)
}

/** The value that a `.dev.vars` file gives a variable, if it does. */
export function readVariable(path: string, name: string): string | undefined {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8'))[name] : undefined
}

function setsVariable(content: string, name: string): boolean {
  return new RegExp(`^\\s*(export\\s+)?${name}\\s*[=:]`, 'm').test(content)
}

/** Before the key is written, not after: no moment in which another user of the machine can read it. */
function closeToOthers(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 })
  chmodSync(path, 0o600)
}
