/**
 * Conditions that require an operator. An alarm is active while its condition holds.
 *
 * - `dead_letters`: a queue gave up on messages that were not replayed yet.
 * - `overdue_erasures`: an erasure has been due for more than a day.
 * - `reopen_refused`: a restore brought back more erased people than `REOPEN_MAX`, so none is erased again.
 * - `root_key_missing`: stored data depends on a root key that `ROOT_KEYS` lacks.
 * - `schema_changed`: a table, index, trigger or view differs from what the migrations create.
 * - `schema_newer`: the database has a migration that this code does not know.
 */
export const alarmNames = [
  'dead_letters',
  'overdue_erasures',
  'reopen_refused',
  'root_key_missing',
  'schema_changed',
  'schema_newer',
] as const

export type AlarmName = (typeof alarmNames)[number]

/**
 * Whether the condition of each alarm holds. An alarm that is absent could not be checked, and stays as it
 * is.
 */
export type AlarmFindings = { readonly [Name in AlarmName]?: boolean | undefined }

/** The alarms whose condition holds, in the order of the list. */
export const standingAlarms = (findings: AlarmFindings): readonly AlarmName[] =>
  alarmNames.filter((name) => findings[name] === true)
