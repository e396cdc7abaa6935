import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

/** The options of `npm run dev -- …`. All but `--witness` and `--port 0` go to wrangler unchanged. */
export interface DevOptions {
  /** The words of the command line that are passed to `wrangler dev`. */
  readonly forwarded: readonly string[]
  readonly port: number | undefined
  readonly ip: string | undefined
  readonly scheme: 'http' | 'https'
  readonly configPath: string | undefined
  readonly environment: string | undefined
  readonly persistTo: string | undefined
  /** With `--env-file` wrangler does not read `.dev.vars`, so the caller must provide the keys. */
  readonly hasEnvFile: boolean
  readonly hasIssuer: boolean
  readonly hasMailTransport: boolean
  /** The value of `--var AUDIT_LOG_ORIGIN:…`. */
  readonly logOrigin: string | undefined
  /** The values of `--env-file`. */
  readonly envFiles: readonly string[]
  /** Whether a witness of the audit log is to run beside the service. */
  readonly withWitness: boolean
}

/** The default port. If it is taken, the next free one above it is used. */
export const DEFAULT_PORT = 8787

const WITNESS = '--witness'

/** Reads the command line of `npm run dev`. Wrangler itself rejects invalid options. */
export function readDevOptions(words: readonly string[]): DevOptions {
  const argv = withoutPortZero(words)
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      port: { type: 'string' },
      ip: { type: 'string' },
      'local-protocol': { type: 'string' },
      config: { type: 'string', short: 'c' },
      env: { type: 'string', short: 'e' },
      'env-file': { type: 'string', multiple: true },
      'persist-to': { type: 'string' },
      witness: { type: 'boolean' },
    },
  })
  const port = text(values.port)
  return {
    forwarded: argv.filter((word) => word !== WITNESS),
    port: port === undefined ? undefined : Number(port),
    ip: text(values.ip),
    scheme: values['local-protocol'] === 'https' ? 'https' : 'http',
    configPath: text(values.config),
    environment: text(values.env),
    persistTo: text(values['persist-to']),
    hasEnvFile: values['env-file'] !== undefined,
    hasIssuer: setsVar(argv, 'ISSUER'),
    hasMailTransport: setsVar(argv, 'MAIL_TRANSPORT'),
    logOrigin: findVar(argv, 'AUDIT_LOG_ORIGIN'),
    envFiles: (values['env-file'] ?? []).filter((path) => typeof path === 'string'),
    withWitness: argv.includes(WITNESS),
  }
}

/**
 * Port 0 means any free port, which is the default. Wrangler would choose one only after it was given the
 * issuer, and the pages and mails would lead to port 0.
 */
const withoutPortZero = (words: readonly string[]): string[] =>
  words.filter((word, at) => {
    const isOption = word === '--port' && words[at + 1] === '0'
    const isValue = word === '0' && words[at - 1] === '--port'
    return word !== '--port=0' && !isOption && !isValue
  })

/**
 * Finds the value of a `--var NAME:value`. wrangler's `--var` takes several values after one flag, so every
 * word is checked.
 */
export const findVar = (argv: readonly string[], name: string): string | undefined =>
  argv.map((word) => new RegExp(`^(?:--var=)?${name}:(.*)$`).exec(word)?.[1]).find((value) => value !== undefined)

const setsVar = (argv: readonly string[], name: string): boolean => findVar(argv, name) !== undefined

/** Settings that a file already sets. */
export interface KnownSettings {
  readonly issuer: boolean
  readonly mailTransport: boolean
  readonly logOrigin: boolean
  /** Names of `applicationSettings`. */
  readonly applications: readonly string[]
}

/**
 * Settings with which applications on this machine use the service: those of docs/examples, and a development
 * server of Vite.
 */
export const applicationSettings: Readonly<Record<string, string>> = {
  RETURN_ADDRESSES: 'http://localhost:3000/signed-in,http://localhost:5173/,http://localhost:5173/single-page-app.html',
  CORS_ORIGINS: 'http://localhost:5173',
}

/**
 * The name of the audit log of a service on this machine. It has no port, because the name of a log is fixed
 * by its first checkpoint, and the port may be another one at the next start.
 */
export const LOCAL_LOG_ORIGIN = 'localhost/audit'

/**
 * The arguments for `wrangler dev` on this port. With an issuer on this machine, mails are printed with their
 * links, and the example applications may use the service, unless these settings are set.
 */
export function devArguments(options: DevOptions, port: number, known: KnownSettings): string[] {
  const isOurIssuer = !options.hasIssuer && !known.issuer
  const issuer = isOurIssuer ? ['--var', `ISSUER:${options.scheme}://localhost:${port}`] : []
  const printsMail = isOurIssuer && !options.hasMailTransport && !known.mailTransport
  const mail = printsMail ? ['--var', 'MAIL_TRANSPORT:console'] : []
  const namesLog = isOurIssuer && options.logOrigin === undefined && !known.logOrigin
  const log = namesLog ? ['--var', `AUDIT_LOG_ORIGIN:${LOCAL_LOG_ORIGIN}`] : []
  const applications = Object.entries(isOurIssuer ? applicationSettings : {}).flatMap(([name, value]) =>
    setsVar(options.forwarded, name) || known.applications.includes(name) ? [] : ['--var', `${name}:${value}`],
  )
  // Only options that the caller left out are added, because wrangler reads a repeated option as a list and
  // then fails.
  const listen = options.port === undefined ? ['--port', String(port)] : []
  const address = options.ip === undefined ? ['--ip', '127.0.0.1'] : []
  return ['dev', ...issuer, ...mail, ...log, ...applications, ...listen, ...address, ...options.forwarded]
}

/** The arguments that migrate the local database that `wrangler dev` will open. */
export function migrationArguments(options: DevOptions): string[] {
  return ['d1', 'migrations', 'apply', 'DB', ...databasePlace(options)]
}

/**
 * The options with which a command of `wrangler d1` uses the local database that `wrangler dev` will open.
 */
export function databasePlace(options: DevOptions): string[] {
  return [
    '--local',
    ...option('--persist-to', options.persistTo),
    ...option('--config', options.configPath),
    ...option('--env', options.environment),
  ]
}

/** The folder of the configuration file. Wrangler resolves `.dev.vars` and `migrations/` against it. */
export function configFolder(options: Pick<DevOptions, 'configPath'>): string {
  return options.configPath === undefined ? '.' : dirname(options.configPath)
}

/** The file from which wrangler reads secrets: `.dev.vars.<env>` if it exists, otherwise `.dev.vars`. */
export function devVarsPath(options: Pick<DevOptions, 'configPath' | 'environment'>): string {
  const general = join(configFolder(options), '.dev.vars')
  const specific = `${general}.${options.environment}`
  return options.environment !== undefined && existsSync(specific) ? specific : general
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value]
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
