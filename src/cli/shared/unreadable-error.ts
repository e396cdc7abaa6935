/** What was to be verified could not be read to its end: exit code 4. */
export class UnreadableError extends Error {}
