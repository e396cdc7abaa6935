import type { Command } from '@commander-js/extra-typings'
import { print } from '../shared/command-result.ts'
import { exitCodes, verdictCodes, withAnchor, withArchive } from '../shared/options.ts'

const HELP = `
A proof of an erasure or of an own event is checked against --policy, or the keys that --url publishes. With --policy
this needs neither the service nor the network nor the archive.

For a bare receipt:
With --key or --url the archive is checked only if --dir, --remote or --persist-to names one, or --key a thumbprint.
Without them, on this machine, the key must be one that ROOT_KEYS in .dev.vars derives.
`

/** `latchkey receipt`. */
export function defineReceipt(program: Command): void {
  const area = program
    .command('receipt')
    .description('verifies receipts of erasures, and proofs')
    .addHelpText('after', exitCodes())
  withAnchor(withArchive(area.command('verify')))
    .description(
      'verifies a receipt and that the archive has the event that names it, or a proof that the log has an erasure or ' +
        'an event. Needs no secret',
    )
    .argument('<file>', 'the proof or the receipt, or - for standard input')
    .option('--policy <file>', 'for a proof: the logs that you believe, and the witnesses that must have signed (C2SP)')
    .addHelpText(
      'after',
      `${HELP}${verdictCodes}\n  5  no fault was found, but fewer witnesses signed than --policy asks for`,
    )
    .action(async (file, options) => {
      const { receiptVerify } = await import('../archive/receipt-verify.ts')
      print(await receiptVerify(file, options), options)
    })
}
