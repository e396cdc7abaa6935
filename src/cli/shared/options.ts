import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import { operatorReasons } from '../../core/operator.ts'
import type { D1Target } from './d1.ts'

/** Where `latchkey dev` answers by default. */
export const LOCAL_SERVICE = 'http://127.0.0.1:8787'

/** Adds the option to answer with one document for programs. */
export const withJson = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => command.option('--json', 'prints one JSON document to standard output')

/** Adds the options that select a database: the local one of `latchkey dev`, or the deployed one. */
export const withDatabase = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .option('--remote', 'uses the deployed database instead of the local one')
      .addOption(
        new Option('--persist-to <dir>', 'the folder of local data, if `latchkey dev` runs with this option').conflicts(
          'remote',
        ),
      )
      .option('-e, --env <name>', 'an environment of wrangler.toml'),
  )

export interface DatabaseChoice {
  readonly remote?: true | undefined
  readonly persistTo?: string | undefined
  readonly env?: string | undefined
}

export const readTarget = ({ remote, persistTo, env }: DatabaseChoice): D1Target => ({
  remote: remote === true,
  persistTo,
  environment: env,
})

/**
 * Adds the options of commands whose work is done by the cron. On this machine the command triggers the cron,
 * because it does not run by itself.
 */
export const withWaking = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => withDatabase(command).option('--url <origin>', 'the local service to trigger', LOCAL_SERVICE)

/**
 * Adds the options of commands that trigger nothing. `--url` is accepted and ignored, because the scripts of
 * version 0.1 took it for every command of such an area.
 */
export const withDatabaseAlone = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => withDatabase(command).addOption(new Option('--url <origin>').hideHelp())

/** Adds the options that select an archive. */
export const withArchive = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .option(
        '--remote',
        'reads the deployed bucket of the configuration through Cloudflare; wrangler must be signed in. ' +
          'If that does not work, download the bucket and use --dir',
      )
      .addOption(
        new Option('--persist-to <dir>', 'the folder of local data, if `latchkey dev` runs with this option').conflicts(
          'remote',
        ),
      )
      .addOption(
        new Option(
          '--dir <folder>',
          'a downloaded archive: audit/, checkpoints/ and receipt-keys/ as in the bucket',
        ).conflicts(['remote', 'persistTo']),
      )
      .option('-c, --config <file>', 'another wrangler configuration')
      .option('-e, --env <name>', 'an environment of that configuration'),
  )

/** Adds the options of commands that call the API as an operator who signs in. */
export const withOperator = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .addOption(new Option('--email <address>', 'the address of the admin').env('LATCHKEY_EMAIL'))
      .option('--url <origin>', 'the service', LOCAL_SERVICE)
      .addOption(
        new Option('--reason <reason>', 'the reason in the audit trail')
          .choices(operatorReasons)
          .default('maintenance'),
      ),
  ).addHelpText(
    'after',
    '\nThe password comes from LATCHKEY_PASSWORD: read -rs LATCHKEY_PASSWORD && export LATCHKEY_PASSWORD\n' +
      'If the account needs two factors, the command asks for a code of its authenticator app. Without a terminal it\n' +
      'takes LATCHKEY_TOTP: one code, or the secret of the app (docs/operators.md#commands-that-sign-in).',
  )

/** The last lines of every help. */
export const exitCodes = (zero = 'done', one = 'it could not be done'): string =>
  `\nExit codes:\n  0  ${zero}\n  1  ${one}\n  2  wrong usage`

/** The last lines of the help of a verification. */
export const verdictCodes = `
Exit codes:
  0  no fault was found, and a key or checkpoint from outside the archive holds it
  1  a fault was found
  2  wrong usage
  3  no fault was found, but the keys come from the archive alone, so nothing shows who signed it
  4  it could not be read to the end`

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Adds the options that name the keys of a verification. */
export const withAnchor = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  command
    .addOption(
      new Option(
        '--key <key>',
        'a public key of the service that you kept: its thumbprint, a file with the JWK, with the checkpoint that it ' +
          'signed, or with the saved JSON of /.well-known/audit-checkpoint (may be repeated)',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--url <origin>',
        'fetches the public keys from this service, for example https://id.example',
      ).conflicts('key'),
    )
    .addOption(
      new Option(
        '--distrust <kid@sequence>',
        'a key that somebody else may have: what it signed counts up to this segment of the archive (may be repeated)',
      ).argParser(collect),
    )
