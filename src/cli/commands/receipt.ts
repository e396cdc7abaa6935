import { type Command, Option } from '@commander-js/extra-typings'
import { print } from '../shared/answer.ts'
import { exitCodes, withArchive } from '../shared/options.ts'

const HELP = `
With --key or --url the archive is looked at only where --dir, --remote or --persist-to names it.
`

/** `latchkey receipt`. */
export function defineReceipt(program: Command): void {
  const area = program.command('receipt').description('receipts of erasures').addHelpText('after', exitCodes())
  withArchive(area.command('verify'))
    .description('checks who signed a receipt, and that the archive still has the segment it names. Needs no secret')
    .argument('<file>', 'the receipt; - for standard input')
    .option('--key <file>', 'the key alone: a JWK, or the JSON that /.well-known/audit-checkpoint gave')
    .addOption(
      new Option('--url <origin>', 'the key alone: from the running service, such as https://id.example').conflicts(
        'key',
      ),
    )
    .addHelpText('after', HELP + exitCodes('genuine', 'not genuine, or its key or archive could not be read'))
    .action(async (file, options) => {
      const { receiptVerify } = await import('../archive/receipt-verify.ts')
      print(await receiptVerify(file, options), options)
    })
}
