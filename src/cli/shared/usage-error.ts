/** The command line cannot be carried out: exit code 2. */
export class UsageError extends Error {}
