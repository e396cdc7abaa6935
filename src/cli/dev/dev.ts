import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiAddress } from '../../core/api-address.ts'
import { PAGES_PATH } from '../../core/mail.ts'
import { say } from '../shared/command-result.ts'
import { type Address, runWrangler, serveWrangler } from '../shared/wrangler.ts'
import { applyAllMigrations, isNewDatabase } from './all-migrations.ts'
import {
  applicationSettings,
  configFolder,
  DEFAULT_PORT,
  type DevOptions,
  devArguments,
  devVarsPath,
  migrationArguments,
  readDevOptions,
} from './dev-options.ts'
import { configSetsVariable, ensureRootKeys, fileSetsVariable } from './dev-vars.ts'
import { prepareWitness } from './dev-witness.ts'
import { findFreePort } from './free-port.ts'

/**
 * Serves the whole service on this machine. It needs no account and no preparation.
 * @param argv words that are passed to `wrangler dev`
 * @returns the exit code
 */
export async function dev(argv: readonly string[]): Promise<number> {
  const options = readDevOptions(argv)
  prepareKeys(options)
  const failure = await migrate(options)
  if (failure !== 0) return failure
  const port = options.port ?? (await findFreePort(DEFAULT_PORT))
  if (options.port === undefined && port !== DEFAULT_PORT) say(`Port ${DEFAULT_PORT} is taken, using ${port}.`)
  const path = devVarsPath(options)
  const config = options.configPath ?? 'wrangler.toml'
  const known = {
    issuer: fileSetsVariable(path, 'ISSUER'),
    mailTransport: fileSetsVariable(path, 'MAIL_TRANSPORT'),
    logOrigin: fileSetsVariable(path, 'AUDIT_LOG_ORIGIN'),
    applications: Object.keys(applicationSettings).filter(
      (name) => fileSetsVariable(path, name) || configSetsVariable(config, name, options.environment),
    ),
  }
  const args = devArguments(options, port, known)
  if (options.withWitness) return await serveWithWitness(options, port, args)
  return await serveWrangler(args, (address) => void greet(options, address))
}

/** Serves the service and its witness. Both end when one of them ends. */
async function serveWithWitness(options: DevOptions, port: number, args: readonly string[]): Promise<number> {
  const witness = await prepareWitness(options, port + 1)
  if (typeof witness === 'number') return witness
  const stopping = new AbortController()
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  const running = serveWrangler(witness.arguments, () => isReady(), stopping.signal)
  // Both start at once, since the service calls the witness only when the cron runs.
  const onReady = async (address: Address) => {
    await greet(options, address)
    await ready
    say(witness.describe(originOf(options, address)))
  }
  const serving = serveWrangler(
    [...args, '--var', `WITNESSES:${witness.policy}`],
    (address) => void onReady(address),
    stopping.signal,
  )
  const code = await Promise.race([running, serving])
  stopping.abort()
  await Promise.all([running, serving])
  return code
}

function prepareKeys(options: DevOptions): void {
  if (options.hasEnvFile) return
  const path = devVarsPath(options)
  if (ensureRootKeys(path)) say(`Wrote a new ROOT_KEYS to ${path}. Keep it: the local data can only be read with it.`)
}

async function migrate(options: DevOptions): Promise<number> {
  // wrangler fails when the folder is missing.
  if (!existsSync(join(configFolder(options), 'migrations'))) return 0
  const { exitCode, output } = isNewDatabase(options)
    ? await applyAllMigrations(options)
    : await runWrangler(migrationArguments(options))
  if (exitCode !== 0) process.stderr.write(output)
  return exitCode
}

const REGISTER = '/api/v1/auth/register' satisfies ApiAddress

function originOf({ scheme }: DevOptions, { ip, port }: Address): string {
  const everywhere = ['127.0.0.1', '::1', '0.0.0.0', '::', '*']
  return `${scheme}://${everywhere.includes(ip) ? 'localhost' : ip}:${port}`
}

async function greet(options: DevOptions, address: Address): Promise<void> {
  const origin = originOf(options, address)
  // The port is open before the Worker is built, and a request waits until it is. With a self-signed
  // certificate the request fails, which does not matter here.
  await fetch(`${origin}/livez`).catch(() => undefined)
  say(`
Ready on ${origin} (Ctrl-C stops it).

  Sign up: ${origin}${PAGES_PATH}/sign-up
  API:     ${origin}/docs

A first request:

  curl ${origin}${REGISTER} \\
    -H 'content-type: application/json' \\
    -d '{"email":"ada@example.com","password":"correct horse battery staple"}'
`)
}
