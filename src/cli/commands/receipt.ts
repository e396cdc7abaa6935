import { type Command, Option } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, withArchive } from '../shared/options.ts'

const HELP = `
With --key or --url the archive is checked only if --dir, --remote or --persist-to names one.
`

/** `latchkey receipt`. */
export function defineReceipt(program: Command): void {
  const area = program.command('receipt').description('verifies receipts of erasures').addHelpText('after', exitCodes())
  withArchive(area.command('verify'))
    .description('verifies the signature of a receipt, and that the archive has the segment it names. Needs no secret')
    .argument('<file>', 'the receipt, or - for standard input')
    .option('--key <file>', 'the public key: a JWK, or the saved JSON of /.well-known/audit-checkpoint')
    .addOption(
      new Option(
        '--url <origin>',
        'fetches the public key from this service, for example https://id.example',
      ).conflicts('key'),
    )
    .addHelpText('after', HELP + exitCodes('genuine', 'not genuine, or its key or archive could not be read'))
    .action(async (file, options) => {
      const { receiptVerify } = await import('../archive/receipt-verify.ts')
      print(await receiptVerify(file, options), options)
    })
}
