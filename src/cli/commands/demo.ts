import type { Command } from '@commander-js/extra-typings'
import { exitCodes } from '../shared/options.ts'

/** `latchkey demo`. */
export function defineDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'takes an account through its whole life and prints every request and answer. It uses a free port, and stores and ' +
        'keys in a temporary folder that is removed at the end',
    )
    .addHelpText('after', exitCodes('every answer was the expected one, and the receipt is genuine', 'it failed'))
    .action(async () => {
      const { demonstrate } = await import('../demo/demo.ts')
      await demonstrate()
    })
}
