import { type SQL, sql } from 'drizzle-orm'
import { firstFactors, type ProvenMethods, type SecondProof, TWO_METHODS } from '../../core/assurance.ts'
import { sessions } from '../schema/index.ts'

/** SQL: the methods of the session and these, each once. */
export const withMethods = (proven: ProvenMethods): SQL => sql`
  (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(${sessions.amr}) UNION SELECT value FROM json_each(${JSON.stringify(proven)})))`

/** SQL condition on `sessions`: the session has proven a first factor. */
export const hasFirstFactor: SQL = sql`
  EXISTS (SELECT 1 FROM json_each(${sessions.amr}) WHERE value IN ${firstFactors})`

/** SQL: the methods of the session after a second factor was verified. The rule of `addProof`. */
export const withSecondFactor = (method: SecondProof): SQL => sql`
  (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(${sessions.amr}) UNION SELECT ${method}
    UNION SELECT ${TWO_METHODS} WHERE ${hasFirstFactor}))`

/** SQL condition on `sessions`: the session has proven less than two factors. */
export const lacksTwoFactors: SQL = sql`NOT EXISTS (SELECT 1 FROM json_each(amr) WHERE value = ${TWO_METHODS})`
