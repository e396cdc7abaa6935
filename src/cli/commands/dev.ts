import type { Command } from '@commander-js/extra-typings'

/** `latchkey dev`, which is `npm run dev`. */
export function defineDev(program: Command): void {
  program
    .command('dev')
    .description('migrates and serves on this machine, with no account and nothing to prepare. Ctrl-C stops it')
    .argument('[options...]', 'options of `wrangler dev`, such as --port 9000 or --var NAME:value')
    .allowUnknownOption()
    .passThroughOptions()
    .usage('[options of wrangler dev]')
    .addHelpText('after', "\nExit codes: wrangler's own.")
    .action(async (forwarded) => {
      const { dev } = await import('../dev/dev.ts')
      process.exitCode = await dev(forwarded)
    })
}
