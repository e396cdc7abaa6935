import type { CommandUnknownOpts } from '@commander-js/extra-typings'

export interface NamedCommand {
  /** The words after `latchkey`. */
  readonly words: readonly string[]
  readonly command: CommandUnknownOpts
}

/** A command and all its sub-commands. */
export const commandsOf = (command: CommandUnknownOpts, words: readonly string[] = []): NamedCommand[] => [
  { words, command },
  ...command.commands.flatMap((below) => commandsOf(below, [...words, below.name()])),
]
