import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { deriveLogKeys } from '../../compliance/archive/keys/log-keys.ts'
import { deriveKeyRing } from '../../crypto/key-ring.ts'
import { parseRootKeys } from '../../runtime/config.ts'
import { createNoteSigner, formatNoteKey } from '../../tlog/note.ts'
import { runWrangler } from '../shared/wrangler.ts'
import { configFolder, type DevOptions, devVarsPath, findVar, LOCAL_LOG_ORIGIN } from './dev-options.ts'
import { ensureSecret, readVariable } from './dev-vars.ts'
import { findFreePort } from './free-port.ts'

/** A witness on this machine, ready to be served. */
interface LocalWitness {
  /** For `wrangler dev`. */
  readonly arguments: readonly string[]
  /** The value of `WITNESSES`. */
  readonly policy: string
  /** @param origin the address of the service */
  readonly describe: (origin: string) => string
}

const CONFIG = 'src/witness/wrangler.toml'
const NAME = 'localhost/witness'

/**
 * Makes the key and the database of a witness, which watches the log of the local service. Both stay beside
 * the local state of the service.
 * @param firstPort the first port to try
 * @returns the exit code when it failed
 */
export async function prepareWitness(options: DevOptions, firstPort: number): Promise<LocalWitness | number> {
  // wrangler resolves a relative path against the configuration file.
  const state = resolve(options.persistTo ?? join(configFolder(options), '.wrangler/state'), 'witness')
  mkdirSync(state, { recursive: true })
  const keyFile = join(state, 'key.env')
  ensureSecret(keyFile, 'WITNESS_KEYS', () => randomBytes(32).toString('base64'))
  const seed = Buffer.from(readVariable(keyFile, 'WITNESS_KEYS') ?? '', 'base64')
  const vkey = formatNoteKey(await createNoteSigner(seed, { name: NAME, type: 'witness' }))
  const place = ['--config', CONFIG, '--persist-to', state]
  const { exitCode, output } = await runWrangler(['d1', 'migrations', 'apply', 'DB', '--local', ...place])
  if (exitCode !== 0) process.stderr.write(output)
  if (exitCode !== 0) return exitCode
  const port = await findFreePort(firstPort)
  const url = `http://localhost:${port}`
  const logs = await logKeysOf(options)
  return {
    arguments: [
      ...['dev', ...place, '--port', String(port), '--ip', '127.0.0.1', '--inspector-port', '0'],
      ...['--env-file', keyFile, '--log-level', 'warn'],
      ...['--var', `WITNESS_NAME:${NAME}`, '--var', `LOGS:${logs.join(' ')}`],
    ],
    policy: `witness local ${vkey} ${url}\nquorum local\n`,
    describe: (origin) => `
A witness on ${url} watches the audit log. Its key:

  ${vkey}

The key of the log:

  ${logs.join('\n  ')}

Some seconds after a request, run the cron. Then the checkpoint has the signatures of both, and moves once in
five minutes:

  curl '${origin}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*'; echo
  curl ${origin}/audit/log/checkpoint
`,
  }
}

/** The public keys of the log, from the root keys with which the service will start. */
async function logKeysOf(options: DevOptions): Promise<readonly string[]> {
  const files = options.envFiles.length > 0 ? options.envFiles : [devVarsPath(options)]
  const find = (name: string) => files.map((file) => readVariable(file, name)).findLast((value) => value !== undefined)
  const ring = await deriveKeyRing(parseRootKeys(find('ROOT_KEYS')))
  const named = options.logOrigin ?? find('AUDIT_LOG_ORIGIN')
  const issuer = findVar(options.forwarded, 'ISSUER') ?? find('ISSUER')
  const origin = named ?? (issuer === undefined ? LOCAL_LOG_ORIGIN : `${new URL(issuer).host}/audit`)
  return (await deriveLogKeys({ ring }, origin)).derived.map(({ key }) => formatNoteKey(key))
}
