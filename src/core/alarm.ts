/**
 * Conditions that the cron checks. Such an alarm is active while its condition holds.
 *
 * - `dead_letters`: a queue gave up on messages that were not replayed yet.
 * - `log_origin_changed`: the setting names another log than the notes that this service has signed. The log
 * keeps its name.
 * - `overdue_erasures`: an erasure has been due for more than a day.
 * - `quorum_missed`: `WITNESSES` is set, and for a day no checkpoint of the log was cosigned by a quorum.
 * - `rejected_event`: the archive refused an event, and no operator has settled it.
 * - `reopen_refused`: a restore brought back more erased people than `REOPEN_MAX`, so none is erased again.
 * - `root_key_missing`: stored data depends on a root key that `ROOT_KEYS` lacks.
 * - `schema_changed`: a table, index, trigger or view differs from what the migrations create.
 * - `schema_newer`: the database has a migration that this code does not know.
 * - `tree_behind`: for 15 minutes the archive has had a segment that is not in the tree, or the next segment
 * is destroyed.
 * - `unsealed_erasure`: a row of `erasures` that this service did not make, or that was cancelled, was set
 * aside.
 * - `unsealed_hold`: this service did not place a legal hold that the database has. It blocks the purge.
 * - `unsigned_markers`: the vault has erasure markers that no key of this service signed. They have no
 * effect.
 */
export const checkedAlarms = [
  'dead_letters',
  'log_origin_changed',
  'overdue_erasures',
  'quorum_missed',
  'rejected_event',
  'reopen_refused',
  'root_key_missing',
  'schema_changed',
  'schema_newer',
  'tree_behind',
  'unsealed_erasure',
  'unsealed_hold',
  'unsigned_markers',
] as const

type CheckedAlarm = (typeof checkedAlarms)[number]

/**
 * Things that a request or a consumer finds. No check can find them again, so such an alarm ends a day after
 * it was last raised.
 *
 * - `archive_disagreement`: the stores disagree about the archive. A segment does not contain an event that
 * the database says it contains; the newest checkpoint of the database or of the vault is older than the
 * other, or forged; or the key of the names is missing.
 * - `archive_forked`: two segments with one sequence were signed, so the archive was put back.
 * - `event_suppressed`: the database made a change, and did not store the event that records it.
 * - `hold_removed`: the row of a legal hold is gone, and no event lifted the hold. It still blocks the purge.
 * - `log_forked`: the segments lead to another tree than the one that was published. Nothing is signed.
 * - `squatted_name`: the name of the next segment was taken by an object that this service did not write.
 * - `tree_planted`: the archive had other bytes in place of a tile of the tree. They were replaced.
 * - `unsealed_row`: a row of an event has a seal that does not hold, so it is not moved into a bundle, and a
 * rotation does not seal it anew.
 * - `witness_refused`: a witness does not know the log or its key, or takes its checkpoint for a fork.
 */
export const raisedAlarms = [
  'archive_disagreement',
  'archive_forked',
  'event_suppressed',
  'hold_removed',
  'log_forked',
  'squatted_name',
  'tree_planted',
  'unsealed_row',
  'witness_refused',
] as const

export type RaisedAlarm = (typeof raisedAlarms)[number]

/** Conditions that require an operator. */
export const alarmNames = [...checkedAlarms, ...raisedAlarms] as const

export type AlarmName = CheckedAlarm | RaisedAlarm

/**
 * Whether the condition of each alarm holds. An alarm that is absent could not be checked, and stays as it
 * is.
 */
export type AlarmFindings = { readonly [Name in CheckedAlarm]?: boolean | undefined }

/** The alarms whose condition holds, in the order of the list. */
export const standingAlarms = (findings: AlarmFindings): readonly CheckedAlarm[] =>
  checkedAlarms.filter((name) => findings[name] === true)
