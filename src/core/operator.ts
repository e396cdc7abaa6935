import * as z from 'zod'
import { isText, TEXT_RULE } from './text.ts'

/** The only role that this service itself evaluates: it gives access to the operators' routes. */
export const ADMIN_ROLE = 'admin'

/**
 * Why an operator acts. The list is closed because the reason is archived unencrypted and stays after the
 * person is erased. Free text may hold personal data, so it goes into the note, which is encrypted under the
 * person's key.
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

/** Free text of an operator about a case. It is stored encrypted and is part of the person's export. */
export const operatorNoteSchema = z.string().trim().min(1).max(500).refine(isText, TEXT_RULE)

/** Name of a role. Resource servers define the meaning of every role except `admin`. */
export const roleNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, underscore, hyphen, and begin with a letter')

/** All roles of one user: at most 16, without duplicates. */
export const rolesSchema = z
  .array(roleNameSchema)
  .max(16)
  .refine((roles) => new Set(roles).size === roles.length, 'must not name a role twice')
