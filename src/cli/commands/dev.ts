import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, withJson } from '../shared/options.ts'

/** `latchkey dev`, which is `npm run dev`. */
export function defineDev(program: Command): void {
  const command = program
    .command('dev')
    .description('migrates the local database and serves on this machine. Needs no account. Ctrl-C stops it')
    .argument('[options...]', 'options of `wrangler dev`, such as --port 9000 or --var NAME:value')
    .allowUnknownOption()
    .passThroughOptions()
    .usage('[options of wrangler dev]')
    .addHelpText('after', '\n--witness also serves a witness of the audit log (docs/witnesses.md).')
    .addHelpText('after', '\nExit codes: those of wrangler.')
    .action(async (forwarded) => {
      const { dev } = await import('../dev/dev.ts')
      process.exitCode = await dev(forwarded)
    })
  withJson(command.command('totp'))
    .description('prints the code that an authenticator app shows now, for trying the API by hand')
    .argument('<secret>', 'base32, as the offer of an authenticator app has it')
    .addHelpText('after', exitCodes())
    .action(async (secret, options) => {
      const { totpCode } = await import('../../crypto/totp.ts')
      const code = totpCode(secret, Date.now())
      print({ document: { code }, words: [code] }, options)
    })
}
