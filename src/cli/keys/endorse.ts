import { calculateJwkThumbprint } from 'jose'
import { receiptKeyView } from '../../compliance/archive/checkpoint/checkpoint-view.ts'
import { signEndorsement } from '../../compliance/archive/keys/key-endorsement.ts'
import { readKnownKeys, readPublishedKeys } from '../../compliance/archive/keys/published-keys.ts'
import { parseDistrusts } from '../../core/distrust.ts'
import { parseJson } from '../../core/json.ts'
import { deriveKeyRing } from '../../crypto/key-ring.ts'
import { createReceiptSigner, type ReceiptPublicKey } from '../../crypto/receipt-key.ts'
import { parseRootKeys } from '../../runtime/config.ts'
import { type OpenBucket, openBucket } from '../archive/archive-bucket.ts'
import { findVariable } from '../dev/find-variable.ts'
import type { CommandResult } from '../shared/command-result.ts'
import type { D1Target } from '../shared/d1.ts'

/**
 * Lists the keys in the archive that the service does not publish, because their root key was removed before
 * a newer key endorsed them, or because the service never had them. Endorses exactly those that are named.
 * @throws ConfigError without ROOT_KEYS
 * @throws Error when a key is named that is not in the list
 */
export async function keysEndorse(target: D1Target, kids: readonly string[]): Promise<CommandResult> {
  const distrusted = parseDistrusts(findVariable('DISTRUSTED_ROOT_KEYS', target))
  const ring = await deriveKeyRing(parseRootKeys(findVariable('ROOT_KEYS', target)), distrusted)
  const receipts = await createReceiptSigner(ring)
  const { remote, persistTo, environment } = target
  const bucket = await openBucket({ remote, persistTo, environment, configPath: undefined })
  try {
    const ctx = { archive: asArchive(bucket), receipts, settings: { DISTRUSTED_ROOT_KEYS: distrusted } }
    const [published, known] = await Promise.all([readPublishedKeys(ctx), readKnownKeys(ctx)])
    // A distrusted key is known and not published. To endorse it would not publish it.
    const others = await listKeys(bucket, new Set([...published, ...known].map(({ kid }) => kid)))
    const named = kids.map((kid) => others.find(({ key }) => key.kid === kid) ?? unknown(kid))
    for (const { key } of named) {
      const { path, text } = await signEndorsement(receipts, { key, version: null }, Date.now())
      await bucket.create(path, text)
    }
    return answer(others, kids)
  } finally {
    await bucket.close()
  }
}

interface StoredKey {
  readonly key: ReceiptPublicKey
  readonly stored_at: string
}

function answer(others: readonly StoredKey[], kids: readonly string[]): CommandResult {
  const rows = others.map(({ key: { kid }, stored_at }) => ({ kid, stored_at, endorsed: kids.includes(kid) }))
  const advice =
    'Endorse only a key whose thumbprint you find in a checkpoint or receipt that was kept outside the archive: ' +
    'whoever can write the archive could have put a key there. An endorsement cannot be taken back by a command.'
  return { document: { keys: rows }, words: rows.length > 0 && kids.length === 0 ? [rows, advice] : [rows] }
}

async function listKeys(bucket: OpenBucket, published: ReadonlySet<string>): Promise<StoredKey[]> {
  const keys: StoredKey[] = []
  for await (const path of bucket.list('receipt-keys/')) {
    const key = receiptKeyView.schema.safeParse(parseJson(await readText(bucket, path))).data
    // A key counts under the name that is its thumbprint.
    if (key === undefined || published.has(key.kid) || path !== `receipt-keys/${key.kid}.json`) continue
    if ((await calculateJwkThumbprint(key, 'sha256')) !== key.kid) continue
    keys.push({ key, stored_at: (await bucket.storedAt(path))?.toISOString() ?? '-' })
  }
  return keys
}

const asArchive = (bucket: OpenBucket) => ({
  async list(prefix: string, limit: number) {
    const paths: string[] = []
    for await (const path of bucket.list(prefix)) if (paths.push(path) >= limit) break
    return paths
  },
  read: (path: string) => readText(bucket, path),
})

const readText = async (bucket: OpenBucket, path: string): Promise<string> =>
  new TextDecoder().decode((await bucket.read(path)) ?? new Uint8Array())

function unknown(kid: string): never {
  throw new Error(`${kid} is not among the keys that are in the archive and not published.`)
}
