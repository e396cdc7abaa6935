import type { CommandResult } from '../shared/command-result.ts'
import { UnreadableError } from '../shared/unreadable-error.ts'
import { UsageError } from '../shared/usage-error.ts'

/**
 * Runs a verification.
 * @throws UnreadableError instead of an error of a store, a file or the network: nothing was found wrong, and
 * nothing was verified
 */
export async function readingToTheEnd(verify: () => Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UnreadableError(error instanceof Error ? error.message : String(error))
  }
}
