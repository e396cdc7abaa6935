import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/**
 * Adds a random `ROOT_KEYS` (version 1, 32 bytes, base64url) to a `.dev.vars` file that has none. An existing
 * key is kept, because the stored data can only be read with it.
 * @returns whether a key was added
 */
export const ensureRootKeys = (path: string): boolean =>
  ensureSecret(path, 'ROOT_KEYS', () => `1:${randomBytes(32).toString('base64url')}`)

/** Adds a secret to a file of variables that has none of this name. @returns whether it was added */
export function ensureSecret(path: string, name: string, make: () => string): boolean {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (setsVariable(before, name)) return false
  const line = `${name}="${make()}"\n`
  closeToOthers(path)
  appendFileSync(path, before === '' || before.endsWith('\n') ? line : `\n${line}`)
  return true
}

/** Tells whether a `.dev.vars` file sets this variable. A missing file sets none. */
export function fileSetsVariable(path: string, name: string): boolean {
  return existsSync(path) && setsVariable(readFileSync(path, 'utf8'), name)
}

/**
 * Tells whether a wrangler.toml sets this variable for an environment, or outside of environments. With an
 * environment, any that sets it counts.
 */
export function configSetsVariable(path: string, name: string, environment: string | undefined): boolean {
  if (!existsSync(path)) return false
  const text = readFileSync(path, 'utf8')
  return setsVariable(environment === undefined ? (text.split(/^\[+env\./m)[0] ?? '') : text, name)
}

/** The value of a variable in a `.dev.vars` file, or undefined. */
export function readVariable(path: string, name: string): string | undefined {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8'))[name] : undefined
}

function setsVariable(content: string, name: string): boolean {
  return new RegExp(`^\\s*(export\\s+)?${name}\\s*[=:]`, 'm').test(content)
}

/** The mode is set before the key is written, so that no other user of the machine can read it in between. */
function closeToOthers(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 })
  chmodSync(path, 0o600)
}
