/** A paged job, as its runs are named in the database. */
export type JobName =
  | 'reopen-restored'
  | 'purge'
  | 'delete-expired-exports'
  | 'delete-expired-rows'
  | 'delete-orphan-keys'
  | 'destroy-system-keys'
  | 'replay-dead-letters'
  | 'rewrap-keys'
  | 'reindex-users'
  | 'compare-mirror'
  | 'restore-vault'
  | 'retire-passwords'
