import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Every way to write a secret without encrypting it. */
export function spellings(secret: string | Buffer): Map<string, Buffer> {
  const bytes = Buffer.from(secret)
  const byteForms = { ...base64Forms(bytes), hex: bytes.toString('hex'), HEX: bytes.toString('hex').toUpperCase() }
  const forms = typeof secret === 'string' ? { ...textForms(secret), ...byteForms } : { plain: bytes, ...byteForms }
  return new Map(Object.entries(forms).map(([name, form]) => [name, Buffer.from(form)]))
}

function textForms(text: string): Record<string, string | Buffer> {
  const reversed = [...text].reverse().join('')
  return {
    plain: text,
    lower: text.toLowerCase(),
    upper: text.toUpperCase(),
    json: JSON.stringify(text).slice(1, -1),
    utf16: Buffer.from(text, 'utf16le'),
    percent: encodeURIComponent(text),
    percentEveryByte: percentEveryByte(text),
    reversed,
    percentReversed: encodeURIComponent(reversed),
    reversedPercent: [...encodeURIComponent(text)].reverse().join(''),
    percentEveryByteReversed: percentEveryByte(reversed),
  }
}

/**
 * The Base64 form of a text inside a larger one depends on its offset. Characters that also encode bytes
 * beside it are cut off.
 */
function base64Forms(bytes: Buffer): Record<string, string> {
  const forms = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const whole = padded.toString('base64').replace(/=+$/, '')
    const first = Math.ceil((offset * 8) / 6)
    const own = whole.slice(first, Math.floor((padded.length * 8) / 6))
    const urlSafe = own.replaceAll('+', '-').replaceAll('/', '_')
    return [
      [`base64+${offset}`, own],
      [`base64url+${offset}`, urlSafe],
    ]
  })
  return Object.fromEntries(forms)
}

const percentEveryByte = (text: string) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&').toUpperCase()

/** The names of the spellings that occur in these bytes. */
export function findSpellings(haystack: Buffer, secret: string | Buffer): string[] {
  return [...spellings(secret)].flatMap(([name, needle]) => (haystack.includes(needle) ? [name] : []))
}

/**
 * Looks for every secret in every file below a folder, and in the files' names.
 * @returns `file: secret (spelling)`
 */
export function scanFolder(folder: string, secrets: Readonly<Record<string, string | Buffer>>): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    const haystack = Buffer.concat([Buffer.from(`${name}\0`), entry.isFile() ? readIfThere(path) : Buffer.alloc(0)])
    return Object.entries(secrets).flatMap(([label, secret]) =>
      findSpellings(haystack, secret).map((spelling) => `${name}: ${label} (${spelling})`),
    )
  })
}

/** A running store deletes files of its own, such as those of SQLite, between the listing and the reading. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
