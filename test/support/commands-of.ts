import type { CommandUnknownOpts } from '@commander-js/extra-typings'

export interface NamedCommand {
  /** What stands behind `latchkey`. */
  readonly words: readonly string[]
  readonly command: CommandUnknownOpts
}

/** A command and all below it. */
export const commandsOf = (command: CommandUnknownOpts, words: readonly string[] = []): NamedCommand[] => [
  { words, command },
  ...command.commands.flatMap((below) => commandsOf(below, [...words, below.name()])),
]
