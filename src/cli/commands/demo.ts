import type { Command } from '@commander-js/extra-typings'
import { exitCodes } from '../shared/options.ts'

/** `latchkey demo`. */
export function defineDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'walks through the whole life of an account and prints every request and answer, on a free port, with stores and ' +
        'keys of its own in a temporary folder that is removed at the end',
    )
    .addHelpText('after', exitCodes('everything answered as it should, and the proofs hold', 'something did not'))
    .action(async () => {
      const { demonstrate } = await import('../demo/demo.ts')
      await demonstrate()
    })
}
