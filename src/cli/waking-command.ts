import { chooseCommand, expectNoMore, PLACE_OPTIONS, readCommandLine, runCommand } from './command-line.ts'
import { type D1Target, readTarget } from './d1.ts'
import { URL_OPTION } from './wake.ts'

/** Works on a database, and may wake the local service at this origin. */
export type WakingCommand = (target: D1Target, url: string) => Promise<void>

/** Runs the command that the first word names, without another word, and sets the exit code. */
export function runWakingCommand(help: string, commands: ReadonlyMap<string, WakingCommand>): Promise<void> {
  return runCommand(help, async (argv) => {
    const { values, positionals } = readCommandLine(argv, { ...PLACE_OPTIONS, ...URL_OPTION })
    const [name, ...words] = positionals
    const command = chooseCommand(commands, name)
    expectNoMore(words)
    await command(readTarget(values), values.url)
    return 0
  })
}
