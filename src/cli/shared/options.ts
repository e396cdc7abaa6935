import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import { operatorReasons } from '../../core/operator.ts'
import type { D1Target } from './d1.ts'

const LOCAL_SERVICE = 'http://127.0.0.1:8787'

const withJson = <A extends unknown[], O extends OptionValues, G extends OptionValues>(command: Command<A, O, G>) =>
  command.option('--json', 'one JSON document on standard output')

/** The options that say where the data lies: with `latchkey dev` on this machine, or deployed. */
export const withDatabase = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .option('--remote', 'the deployed database instead of the local one')
      .addOption(
        new Option('--persist-to <dir>', 'where `latchkey dev` keeps its data, if it was told').conflicts('remote'),
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

/** For what the Worker does when its cron comes, which does not come by itself on this machine. */
export const withWaking = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => withDatabase(command).option('--url <origin>', 'the local service to wake', LOCAL_SERVICE)

/**
 * For commands that wake nothing. The scripts of version 0.1 took `--url` for every command of such an area.
 */
export const withDatabaseAlone = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => withDatabase(command).addOption(new Option('--url <origin>').hideHelp())

/** The options that say which archive is meant. */
export const withArchive = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .option(
        '--remote',
        'the deployed bucket that the configuration names, read through Cloudflare; wrangler must be signed in. ' +
          'Without an account this cannot be tried: if in doubt, download the bucket and use --dir',
      )
      .addOption(
        new Option(
          '--persist-to <dir>',
          'the bucket on this machine, where `latchkey dev` was told to keep it',
        ).conflicts('remote'),
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

/** The options of commands that act through the API, as an operator who signs in. */
export const withOperator = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  withJson(
    command
      .addOption(new Option('--email <address>', 'the admin who does it').env('LATCHKEY_EMAIL'))
      .option('--url <origin>', 'the service', LOCAL_SERVICE)
      .addOption(
        new Option('--reason <reason>', 'why, for the audit trail').choices(operatorReasons).default('maintenance'),
      ),
  ).addHelpText(
    'after',
    '\nThe password comes from LATCHKEY_PASSWORD: read -rs LATCHKEY_PASSWORD && export LATCHKEY_PASSWORD',
  )

/** The end of every help. */
export const exitCodes = (zero = 'done', one = 'it could not be done'): string =>
  `\nExit codes:\n  0  ${zero}\n  1  ${one}\n  2  wrong usage`
