import * as z from 'zod'
import { type Policy, parsePolicy } from '../tlog/policy.ts'

/** As many as C2SP tlog-policy recommends to support. Each costs a request or two in a run of the cron. */
const MOST_WITNESSES = 32

/**
 * A policy of witnesses (C2SP tlog-policy). Each witness has a URL, to which `/add-checkpoint` is appended.
 */
export const witnessPolicySchema = z
  .string()
  .max(32_768)
  .transform((text, issues): Policy | undefined => {
    // A deployment can empty a variable more easily than remove it.
    if (text.trim() === '') return undefined
    const policy = tryPolicy(text)
    const isSound =
      policy && policy.witnesses.length <= MOST_WITNESSES && policy.witnesses.every(({ url }) => isPrefix(url))
    if (!isSound) issues.addIssue('a policy of witnesses, each with a URL')
    return policy
  })

function tryPolicy(text: string): Policy | undefined {
  try {
    return parsePolicy(text)
  } catch {
    return undefined
  }
}

/** A URL without query and fragment. `findConflicts` checks its scheme and its host. */
const isPrefix = (url: string | undefined): boolean => url !== undefined && URL.canParse(url) && !/[?#]/.test(url)
