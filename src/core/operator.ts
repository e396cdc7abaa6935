import * as z from 'zod'
import { isText, TEXT_RULE } from './text.ts'

/** The one role that this service itself knows: it opens the operators' routes. */
export const ADMIN_ROLE = 'admin'

/**
 * Why an operator acts. A closed list, because it is archived in the clear and outlives the person: whatever
 * an operator would type may be personal data, and goes into the note instead, under the person's key.
 */
export const operatorReasons = [
  'user_request',
  'support_case',
  'security_incident',
  'abuse',
  'legal_obligation',
  'legal_claim',
  'staff_change',
  'maintenance',
  'correction',
] as const
export type OperatorReason = (typeof operatorReasons)[number]

/** An operator's own words about a case; stored encrypted, and part of the person's export. */
export const operatorNoteSchema = z.string().trim().min(1).max(500).refine(isText, TEXT_RULE)

/** Name of a role. Roles but `admin` mean what the resource servers that read them take them to mean. */
export const roleNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, underscore, hyphen, and begin with a letter')

/** All roles of one user: at most 16, each once. */
export const rolesSchema = z
  .array(roleNameSchema)
  .max(16)
  .refine((roles) => new Set(roles).size === roles.length, 'must not name a role twice')
