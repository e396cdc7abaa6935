import { existsSync } from 'node:fs'
import { decodeProtectedHeader } from 'jose'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import { type ArchiveBytes, readKey } from '../../compliance/archive/verify/archive-source.ts'
import { parseDistrusts } from '../../core/distrust.ts'
import { parseJson } from '../../core/json.ts'
import { deriveKeyRing, type KeyRing } from '../../crypto/key-ring.ts'
import { createReceiptSigner } from '../../crypto/receipt-key.ts'
import { parseRootKeys } from '../../runtime/config.ts'
import { devVarsPath } from '../dev/dev-options.ts'
import { readVariable } from '../dev/dev-vars.ts'
import { UsageError } from '../shared/usage-error.ts'
import type { ArchiveChoice } from './open-archive.ts'
import { fetchKeys, findAmong, readKeys } from './published-keys.ts'
import { readText } from './saved-checkpoint.ts'

export interface AnchorChoice extends ArchiveChoice {
  /** Paths of public keys, or thumbprints. */
  readonly key?: readonly string[] | undefined
  /** The origin of a service that publishes its keys. */
  readonly url?: string | undefined
}

/** Keys that do not come from the bucket that is checked. */
export interface Anchor {
  readonly find: FindKey
  /** Where the keys come from, for the output. */
  readonly name: string
  /** What a signature of these keys does not prove, for the output. */
  readonly caveat: string
  /** Whether the auditor named the keys. Then a signature of another key is a finding. */
  readonly isNamed: boolean
}

const THUMBPRINT = /^[\w-]{43}$/

/** Whether a thumbprint is named: then its key must be looked up in an archive. */
export const namesThumbprint = ({ key = [] }: AnchorChoice): boolean => key.some(isThumbprint)

/**
 * Reads the anchor of a verification. On this machine that is `ROOT_KEYS` of `.dev.vars`, if no other is
 * named.
 * @param archive the archive in which the keys of thumbprints are; a key is held to its thumbprint
 * @returns undefined when there is none
 * @throws UsageError when a key is named that cannot be read
 * @throws Error when the service publishes no keys
 */
export async function readAnchor(choice: AnchorChoice, archive?: ArchiveBytes): Promise<Anchor | undefined> {
  if (choice.url !== undefined) {
    return {
      find: await fetchKeys(choice.url),
      name: `the keys that ${choice.url} publishes`,
      caveat: 'anything against whoever runs that service, or can change its answers',
      isNamed: true,
    }
  }
  if (choice.key !== undefined) return readNamed(choice.key, archive)
  if (choice.remote || choice.dir !== undefined) return undefined
  return await deriveLocal(devVarsPath({ configPath: choice.config, environment: choice.env }))
}

function readNamed(named: readonly string[], archive: ArchiveBytes | undefined): Anchor {
  const finders = named.map((name): FindKey => {
    if (isThumbprint(name)) return async (kid) => (kid === name && archive ? await readKey(archive, kid) : undefined)
    const text = readText(name).trim()
    const signer = signerOfCheckpoint(text)
    if (signer !== undefined)
      return async (kid) => (kid === signer && archive ? await readKey(archive, kid) : undefined)
    const find = readKeys(parseJson(text))
    if (find === undefined) throw new UsageError(`${name} holds no public key.`)
    return find
  })
  return {
    find: (kid) => firstFound(finders, kid),
    name: 'the key that you named',
    caveat: 'more than the place where you got that key: whoever gave it to you could have given another one',
    isNamed: true,
  }
}

/** What a verification with `ROOT_KEYS` does not prove. */
export const ROOT_KEYS_CAVEAT = 'anything to others: whoever has ROOT_KEYS can sign any archive and any receipt'

/** Derives the key ring of `.dev.vars`. @throws Error when there is none, or it is malformed */
export const deriveLocalRing = async (path: string): Promise<KeyRing> =>
  await deriveKeyRing(
    parseRootKeys(readVariable(path, 'ROOT_KEYS')),
    parseDistrusts(readVariable(path, 'DISTRUSTED_ROOT_KEYS')),
  )

async function deriveLocal(path: string): Promise<Anchor | undefined> {
  try {
    const ring = await deriveLocalRing(path)
    const { derived } = await createReceiptSigner(ring)
    return {
      find: findAmong(derived.filter(({ isTrusted }) => isTrusted).map(({ key }) => key)),
      name: `ROOT_KEYS in ${path}`,
      caveat: ROOT_KEYS_CAVEAT,
      isNamed: false,
    }
  } catch {
    // Without root keys, or with malformed ones, there is no anchor. The output then says so.
    return undefined
  }
}

const isThumbprint = (name: string): boolean => THUMBPRINT.test(name) && !existsSync(name)

/** @returns the thumbprint in a checkpoint that was kept as a bare JWS */
function signerOfCheckpoint(text: string): string | undefined {
  try {
    const { typ, kid } = decodeProtectedHeader(text)
    return typ === 'latchkey-checkpoint+jws' ? kid : undefined
  } catch {
    return undefined
  }
}

async function firstFound(finders: readonly FindKey[], kid: string): Promise<unknown> {
  for (const find of finders) {
    const key = await find(kid)
    if (key !== undefined) return key
  }
  return undefined
}
