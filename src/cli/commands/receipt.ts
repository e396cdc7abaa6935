import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, verdictCodes, withAnchor, withArchive } from '../shared/options.ts'

const HELP = `
With --key or --url the archive is checked only if --dir, --remote or --persist-to names one, or --key a thumbprint.
Without them, on this machine, the key must be one that ROOT_KEYS in .dev.vars derives.
`

/** `latchkey receipt`. */
export function defineReceipt(program: Command): void {
  const area = program.command('receipt').description('verifies receipts of erasures').addHelpText('after', exitCodes())
  withAnchor(withArchive(area.command('verify')))
    .description('verifies the signature of a receipt, and that the archive has the segment it names. Needs no secret')
    .argument('<file>', 'the receipt, or - for standard input')
    .addHelpText('after', HELP + verdictCodes)
    .action(async (file, options) => {
      const { receiptVerify } = await import('../archive/receipt-verify.ts')
      print(await receiptVerify(file, options), options)
    })
}
