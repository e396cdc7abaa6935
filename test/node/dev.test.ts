import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyAllMigrations, isNewDatabase } from '../../src/cli/dev/all-migrations.ts'
import {
  applicationSettings,
  devArguments,
  devVarsPath,
  migrationArguments,
  readDevOptions,
} from '../../src/cli/dev/dev-options.ts'
import { configSetsVariable, ensureRootKeys, fileSetsVariable, readVariable } from '../../src/cli/dev/dev-vars.ts'
import { prepareWitness } from '../../src/cli/dev/dev-witness.ts'
import { findFreePort } from '../../src/cli/dev/free-port.ts'
import { readReadyMessage } from '../../src/cli/shared/wrangler.ts'
import { deriveLogKeys } from '../../src/compliance/archive/keys/log-keys.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { parseRootKeys } from '../../src/runtime/config.ts'
import { formatNoteKey } from '../../src/tlog/note.ts'
import { parsePolicy } from '../../src/tlog/policy.ts'
import { publicKeysOf, readWitnessSettings } from '../../src/witness/witness-settings.ts'

const ROOT_KEYS_LINE = /^ROOT_KEYS="1:([\w-]{43})"$/m

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-dev-'))
  file = join(folder, '.dev.vars')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const UNKNOWN = { issuer: false, mailTransport: false, logOrigin: false, applications: [] }
const APPLICATIONS = Object.entries(applicationSettings).flatMap(([name, value]) => ['--var', `${name}:${value}`])

describe('the options', () => {
  it('default to port 8787 of this machine and an issuer to match', () => {
    expect(devArguments(readDevOptions([]), 8787, UNKNOWN)).toEqual([
      ...['dev', '--var', 'ISSUER:http://localhost:8787', '--var', 'MAIL_TRANSPORT:console'],
      ...['--var', 'AUDIT_LOG_ORIGIN:localhost/audit', ...APPLICATIONS],
      ...['--port', '8787', '--ip', '127.0.0.1'],
    ])
  })

  it.each([[['--port', '0']], [['--port=0']]])('take %j for any free port, and name it in the issuer', (argv) => {
    const options = readDevOptions([...argv, '--inspector-port', '0'])
    expect(options.port).toBeUndefined()
    const args = devArguments(options, 8790, UNKNOWN)
    expect(args).toContain('ISSUER:http://localhost:8790')
    expect(args.slice(-6)).toEqual(['--port', '8790', '--ip', '127.0.0.1', '--inspector-port', '0'])
  })

  it.each([[['--port', '9100']], [['--port=9100']]])('follow %j in the issuer and name the port once', (argv) => {
    const options = readDevOptions(argv)
    expect(options.port).toBe(9100)
    expect(devArguments(options, 9100, UNKNOWN)).toEqual([
      ...[
        'dev',
        '--var',
        'ISSUER:http://localhost:9100',
        '--var',
        'MAIL_TRANSPORT:console',
        '--var',
        'AUDIT_LOG_ORIGIN:localhost/audit',
        ...APPLICATIONS,
        '--ip',
        '127.0.0.1',
        ...argv,
      ],
    ])
  })

  it.each([
    [['--var', 'ISSUER:https://id.example']],
    [['--var=ISSUER:https://id.example']],
    [['--var', 'FOO:bar', 'ISSUER:https://id.example']],
  ])('leave the issuer to %j', (argv) => {
    const args = devArguments(readDevOptions(argv), 8787, UNKNOWN)
    expect(args.filter((word) => word.includes('ISSUER:'))).toHaveLength(1)
  })

  it('leave the issuer to a file that sets it', () => {
    expect(devArguments(readDevOptions([]), 8787, { ...UNKNOWN, issuer: true }).join(' ')).not.toContain('ISSUER')
  })

  it.each([['--var=MAIL_TRANSPORT:smtp'], ['--var=ISSUER:https://id.example']])('print no mail with %s', (word) => {
    expect(devArguments(readDevOptions([word]), 8787, UNKNOWN).join(' ')).not.toContain('MAIL_TRANSPORT:console')
  })

  it('print no mail when a file sets a transport', () => {
    const known = { ...UNKNOWN, mailTransport: true }
    expect(devArguments(readDevOptions([]), 8787, known).join(' ')).not.toContain('MAIL_TRANSPORT')
  })

  it('pass unknown options on, unchanged and in order', () => {
    const argv = ['--var', 'FOO:bar', '--log-level', 'debug', '--ip', '0.0.0.0', '--live-reload']
    expect(devArguments(readDevOptions(argv), 8787, UNKNOWN).slice(-argv.length)).toEqual(argv)
    expect(devArguments(readDevOptions(argv), 8787, UNKNOWN)).not.toContain('127.0.0.1')
  })

  it.each([[['--var', 'AUDIT_LOG_ORIGIN:other.example/log']], [['--var=AUDIT_LOG_ORIGIN:other.example/log']]])(
    'leave the name of the log to %j',
    (argv) => {
      const options = readDevOptions(argv)
      expect(options.logOrigin).toBe('other.example/log')
      expect(devArguments(options, 8787, UNKNOWN).join(' ')).not.toContain('localhost/audit')
      expect(devArguments(readDevOptions([]), 8787, { ...UNKNOWN, logOrigin: true }).join(' ')).not.toContain('audit')
    },
  )

  it('leave the addresses of applications to whoever sets them', () => {
    const given = devArguments(readDevOptions(['--var', 'RETURN_ADDRESSES:http://localhost:4000/']), 8787, UNKNOWN)
    expect(given.filter((word) => word.startsWith('RETURN_ADDRESSES:'))).toHaveLength(1)
    expect(given).toContain('CORS_ORIGINS:http://localhost:5173')
    const known = { ...UNKNOWN, applications: ['RETURN_ADDRESSES', 'CORS_ORIGINS'] }
    for (const args of [
      devArguments(readDevOptions([]), 8787, known),
      devArguments(readDevOptions(['--var=ISSUER:https://id.example']), 8787, UNKNOWN),
    ])
      expect(args.join(' ')).not.toContain('localhost:5173')
  })

  it('find them in the part of a configuration that the service on this machine reads', () => {
    writeFileSync(file, '[vars]\nISSUER = "x"\n\n[env.production.vars]\nRETURN_ADDRESSES = "https://app.example/"\n')
    expect(configSetsVariable(file, 'RETURN_ADDRESSES', undefined)).toBe(false)
    expect(configSetsVariable(file, 'RETURN_ADDRESSES', 'production')).toBe(true)
    expect(configSetsVariable(file, 'ISSUER', undefined)).toBe(true)
    expect(configSetsVariable(join(folder, 'missing.toml'), 'ISSUER', undefined)).toBe(false)
  })

  it('ask for a witness, which wrangler does not hear of', () => {
    const options = readDevOptions(['--witness', '--live-reload'])
    expect([options.withWitness, options.forwarded]).toEqual([true, ['--live-reload']])
    expect(readDevOptions([]).withWitness).toBe(false)
  })

  it('send the migrations to the database that will be opened', () => {
    const argv = ['--persist-to', 'state', '-c', 'other/wrangler.toml', '--env=staging', '--port', '9100']
    expect(migrationArguments(readDevOptions(argv))).toEqual([
      ...['d1', 'migrations', 'apply', 'DB', '--local'],
      ...['--persist-to', 'state', '--config', 'other/wrangler.toml', '--env', 'staging'],
    ])
  })

  it('find the secrets beside the configuration file, and those of the environment first', () => {
    const argv = ['--config', join(folder, 'wrangler.toml'), '--env', 'staging']
    expect(devVarsPath(readDevOptions(argv))).toBe(file)
    writeFileSync(`${file}.staging`, '')
    expect(devVarsPath(readDevOptions(argv))).toBe(`${file}.staging`)
  })
})

describe('a new database', () => {
  it('gets all migrations in one run of wrangler, which has none left to apply', async () => {
    const options = readDevOptions(['--persist-to', folder])
    expect(isNewDatabase(options)).toBe(true)
    expect((await applyAllMigrations(options)).exitCode).toBe(0)
    expect(isNewDatabase(options)).toBe(false)
    const [path = ''] = globSync(join(folder, 'v3/d1/miniflare-D1DatabaseObject/*[0-9a-f].sqlite'))
    using database = new DatabaseSync(path, { readOnly: true })
    const applied = database.prepare('SELECT name FROM d1_migrations ORDER BY id').all()
    const files = globSync('*.sql', { cwd: 'migrations' }).sort()
    expect(applied.map(({ name }) => name)).toEqual(files)
  })

  it('is left to wrangler where migrations are recorded in another way', () => {
    const configPath = join(folder, 'wrangler.toml')
    const isNew = () => isNewDatabase(readDevOptions(['--config', configPath]))
    expect(isNew()).toBe(false)
    writeFileSync(configPath, 'migrations_dir = "migrations"')
    expect(isNew()).toBe(true)
    writeFileSync(configPath, 'migrations_table = "applied"')
    expect(isNew()).toBe(false)
  })
})

describe('the root key', () => {
  it('is 32 random bytes in a file for the owner alone', () => {
    expect(ensureRootKeys(file)).toBe(true)
    const [, key] = ROOT_KEYS_LINE.exec(readFileSync(file, 'utf8')) ?? []
    expect(Buffer.from(key ?? '', 'base64url')).toHaveLength(32)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is written once', () => {
    ensureRootKeys(file)
    const first = readFileSync(file, 'utf8')
    expect(ensureRootKeys(file)).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe(first)
  })

  it.each(['# mail\nFROM=a@example.com\n', '# mail\nFROM=a@example.com'])('is added below %j', (before) => {
    writeFileSync(file, before, { mode: 0o644 })
    expect(ensureRootKeys(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).toMatch(/^# mail\nFROM=a@example.com\nROOT_KEYS="1:[\w-]{43}"\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('of the owner stays as it is', () => {
    writeFileSync(file, 'A=1\nexport ROOT_KEYS = "7:mine"\n')
    expect(ensureRootKeys(file)).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('A=1\nexport ROOT_KEYS = "7:mine"\n')
  })

  it('is not mistaken for a comment or a longer name', () => {
    writeFileSync(file, '# ROOT_KEYS=\nOLD_ROOT_KEYS=1\nROOT_KEYS_OLD=1\n')
    expect(fileSetsVariable(file, 'ROOT_KEYS')).toBe(false)
    expect(fileSetsVariable(join(folder, 'missing'), 'ROOT_KEYS')).toBe(false)
  })
})

describe('the witness', () => {
  it('gets a key of its own once, a database, and the key of the log that the service will have (K11)', async () => {
    const secrets = join(folder, 'secrets')
    ensureRootKeys(secrets)
    const options = readDevOptions(['--witness', '--persist-to', folder, '--env-file', secrets])
    const witness = await prepareWitness(options, 18_788)
    if (typeof witness === 'number') throw new Error('not prepared')
    const keyFile = join(folder, 'witness/key.env')
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    const { witnesses, quorum } = parsePolicy(witness.policy)
    expect(witnesses).toMatchObject([{ name: quorum, url: expect.stringMatching(/^http:\/\/localhost:\d+$/) }])
    const logs = witness.arguments.find((word) => word.startsWith('LOGS:'))
    const [seed = ''] = /[\w+/]{43}=/.exec(readFileSync(keyFile, 'utf8')) ?? []
    const settings = await readWitnessSettings({
      DB: undefined as never,
      WITNESS_NAME: 'localhost/witness',
      WITNESS_KEYS: seed,
      LOGS: logs?.slice('LOGS:'.length),
    })
    expect(publicKeysOf(settings)).toEqual(witnesses.map(({ key }) => formatNoteKey(key)))
    const ring = await deriveKeyRing(parseRootKeys(readVariable(secrets, 'ROOT_KEYS')))
    const { signers } = await deriveLogKeys({ ring }, 'localhost/audit')
    expect(settings.logs.map(formatNoteKey)).toEqual(signers.map(formatNoteKey))
    const [path = ''] = globSync(join(folder, 'witness/v3/d1/miniflare-D1DatabaseObject/*[0-9a-f].sqlite'))
    using database = new DatabaseSync(path, { readOnly: true })
    expect(database.prepare('SELECT count(*) AS n FROM checkpoints').get()).toEqual({ n: 0 })
    // The second start.
    const before = readFileSync(keyFile, 'utf8')
    expect(await prepareWitness(options, 18_788)).toMatchObject({ policy: witness.policy })
    expect(readFileSync(keyFile, 'utf8')).toBe(before)
  })
})

describe('the port', () => {
  it('is the next one when the default port is in use', async () => {
    await using server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    expect(await findFreePort(taken)).toBeGreaterThan(taken)
  })
})

describe('the announcement', () => {
  it('is the address that wrangler sends, and nothing else', () => {
    expect(readReadyMessage('{"event":"DEV_SERVER_READY","ip":"127.0.0.1","port":8788}')).toMatchObject({ port: 8788 })
    for (const other of ['{"event":"OTHER"}', 'no JSON', { event: 'DEV_SERVER_READY' }, undefined]) {
      expect(readReadyMessage(other)).toBeUndefined()
    }
  })
})
