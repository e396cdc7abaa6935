/** The command was asked for something that it cannot do: exit code 2. */
export class UsageError extends Error {}
