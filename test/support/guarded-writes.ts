export interface Race {
  /** The test file, and the title of the test in it that sends as many requests at once as `SIZES` has. */
  readonly race: readonly [string, string]
}

export interface NoRace {
  /** Why it does no harm when several of these writes run at once. */
  readonly harmless: string
}

const race = (file: string, title: string): Race => ({ race: [`test/${file}`, title] })
const harmless = (reason: string): NoRace => ({ harmless: reason })

const DELETES_BY_AGE = 'deletes by age or owner, and what is gone is gone'

/** Every file of src that writes to the database. A new one needs an entry and the test that races it. */
export const writes: Readonly<Record<string, Race | NoRace>> = {
  'compliance/alarms/store-alarms.ts': race('compliance/alarms.test.ts', 'is logged once when %i runs find it at once'),
  'compliance/alarms/update-alarms.ts': harmless('ends alarms by name and time, and what is gone is gone'),
  'keys/note-root-keys.ts': harmless('notes that a root key has drained, once: drained_at IS NULL'),
  'keys/reindex-identities.ts': harmless('compares and swaps the index that was read'),
  'keys/rebind-ciphertexts.ts': race(
    'keys/rebind-ciphertexts.test.ts',
    'a profile that changes meanwhile keeps its new contents, with %i runs at once',
  ),
  'compliance/delete-client-details.ts': harmless(DELETES_BY_AGE),
  'keys/reindex-users.ts': harmless(
    'compares and swaps the index that was read; a request that gets an index twice is found as once',
  ),
  'keys/retire-passwords.ts': race(
    'keys/retire-passwords.test.ts',
    'two concurrent cron runs retire the passwords of %i people once each',
  ),
  'storage/database/record-event-list.ts': harmless(
    'inserts; the caller guards each event by a row that its batch has written',
  ),
  'storage/database/root-keys.ts': harmless('an upsert that says the same whoever comes first'),
  'storage/database/add-client-later.ts': harmless(
    'adds details to an event or a mail of its own request, until it is sent',
  ),
  'rate-limits/sign-in-limit.ts': harmless(
    'steps over its quota once, from exactly the quota: one refusal is recorded',
  ),
  'sign-in/federated/link-by-address.ts': race(
    'sign-in/federated/sign-in.test.ts',
    'of %i at once by one person opens one account, and all get in',
  ),
  'sign-in/password/change-password.ts': race(
    'sign-in/password/password.test.ts',
    'of %i concurrent changes with the same current password one wins',
  ),
  'sign-in/password/reset-password.ts': race(
    'sign-in/password/password.test.ts',
    'O2 of a burst of %i with one link one wins, and the epoch rises by one',
  ),
  'sign-in/ways-to-sign-in.ts': race(
    'sign-in/password/password.test.ts',
    'O2 of a burst of %i with one link one wins, and the epoch rises by one',
  ),
  'sessions/rotate-session.ts': race(
    'sessions/refresh.test.ts',
    'R1 rotates once when %i requests present one token at once, and all get the one successor',
  ),
  'sign-in/password/remove-password.ts': race(
    'sign-in/password/remove-password.test.ts',
    'W10 keeps a way in, whatever %i removals at once win',
  ),
  'sign-in/password/rehash-password.ts': harmless('compares and swaps the old hash for another of the same password'),
  'sign-in/restore-account.ts': race(
    'compliance/erasure.test.ts',
    'of %i concurrent restores with one token, one succeeds',
  ),
  'sessions/start-session.ts': race(
    'sign-in/two-factors.test.ts',
    'M3 gets no session from any of %i sign-ins after that is decided',
  ),
  'mail/send-sign-up-mail.ts': race('sign-in/sign-up.test.ts', 'L6 is mailed once, delivered %i times at once'),
  'sign-in/passkey/sign-up-with-passkey.ts': race(
    'sign-in/sign-up.test.ts',
    'L6 creates one account of %i finished at once with one token',
  ),
  'sign-in/passkey/insert-passkey.ts': race(
    'sign-in/passkey/add.test.ts',
    'W8 is registered once, by %i requests with one credential, whoever sends them',
  ),
  'sign-in/passkey/undo-passkey.ts': race('sign-in/passkey/add.test.ts', 'undoes once with %i requests at once'),
  'sign-in/passkey/remove-passkey.ts': race(
    'sign-in/passkey/manage.test.ts',
    'W10 leaves one of two ways in, removed by %i requests at once',
  ),
  'sign-in/passkey/rename-passkey.ts': harmless('the last name stays; the other details are the same in all'),
  'sign-in/spend-passkey.ts': race('sign-in/passkey/sign-in.test.ts', 'opens one session, sent %i times at once'),
  'sign-in/suspend-passkey.ts': race(
    'sign-in/passkey/counter.test.ts',
    'W9 that went back suspends the key once, sent %i times at once',
  ),
  'sign-in/second-factor/verify-totp.ts': race(
    'sign-in/second-factor.test.ts',
    'M5 opens one session for one code, sent %i times at once',
  ),
  'sign-in/second-factor/verify-recovery-code.ts': race(
    'sign-in/second-factor.test.ts',
    'M9 uses a recovery code once, sent %i times at once',
  ),
  'sign-in/renew-session.ts': race(
    'sign-in/second-factor-step-up.test.ts',
    'M5 renews one session for one code, sent %i times at once, and opens none with it',
  ),
  'sign-in/second-factor/enrol-totp.ts': race(
    'sign-in/manage-second-factors.test.ts',
    'M5 adds once of %i requests with one ticket',
  ),
  'sign-in/give-recovery-codes.ts': race(
    'sign-in/manage-second-factors.test.ts',
    'M9 are one whole set after %i requests at once',
  ),
  'sign-in/second-factor/remove-totp.ts': race(
    'sign-in/manage-second-factors.test.ts',
    'removes once of %i requests, also beside one that turns two-step on',
  ),
  'sign-in/second-factor/set-two-step.ts': race(
    'sign-in/manage-second-factors.test.ts',
    'M10 is turned on once by %i requests at once',
  ),
  'sign-in/turn-two-step-on.ts': race(
    'sign-in/manage-second-factors.test.ts',
    'M10 turns two-step on for one of %i sessions below it, and the others are refused',
  ),
  'sign-in/mailbox/confirm-sign-in-code.ts': race(
    'sign-in/mailbox.test.ts',
    'L4 opens one session, sent %i times at once as code and link',
  ),
  'storage/database/second-factors.ts': harmless(
    'deletes codes of the one request that has consumed the link, and what is gone is gone',
  ),
  'storage/database/spent-tickets.ts': race(
    'sign-in/second-factor.test.ts',
    'M9 opens one session with a ticket, and uses up one of %i recovery codes',
  ),
  'compliance/archive/log/advance-log.ts': race(
    'compliance/archive-insiders.test.ts',
    '%i begin one chain and archive each event once',
  ),
  'compliance/archive/log/follow-log.ts': harmless('marks rows with the segment that has them, whoever comes first'),
  'compliance/archive/log/old-chain.ts': harmless('marks rows that are not marked, with what a signed segment says'),
  'compliance/archive/log/take-over.ts': harmless(
    'removes marks of the version before that name no segment, and letters that were sent',
  ),
  'compliance/archive/tree/store-tree.ts': race('compliance/tree.test.ts', 'K4 %i consumers at once make one tree'),

  'compliance/archive/events/dead-letters.ts': harmless('inserts by the id of the message, once'),
  'compliance/archive/log/reseal-events.ts': race(
    'keys/reseal-events.test.ts',
    'keeps the seal that a concurrent change gave it, with %i runs at once',
  ),
  'compliance/archive/events/send-events.ts': harmless('marks as sent; the archive drops what comes twice'),
  'compliance/activity/bundle-people.ts': race(
    'compliance/activity-bundles.test.ts',
    'is neither lost nor doubled when %d runs and it come at the same time',
  ),
  'compliance/activity/bundle-places.ts': race(
    'compliance/activity-bundles.test.ts',
    'are moved by %d runs at once as by one',
  ),
  'compliance/activity/record-bundles.ts': race(
    'compliance/activity-bundles.test.ts',
    'that begins while %d runs write keeps their bundles out of the database',
  ),
  'compliance/personal-data.ts': harmless(DELETES_BY_AGE),
  'compliance/archive/log/resend-events.ts': harmless(
    'marks as sent or refused; the archive drops what comes twice, and a refusal is kept once',
  ),
  'compliance/delete-expired-rows.ts': harmless(DELETES_BY_AGE),
  'keys/delete-orphan-keys.ts': harmless('notes an owner once; the vault has the last word'),
  'compliance/erasure/check-seals.ts': harmless('seals anew what the old seal still covers: guarded by that seal'),
  'compliance/erasure/erase-events.ts': harmless('deletes what is archived; new seals are guarded by the old ones'),
  'compliance/erasure/sweep-erased.ts': harmless(
    'clears the time of a sweep that is over; sweeping twice changes nothing',
  ),
  'compliance/erasure/refuse-erasures.ts': harmless('sets aside rows that are still what was checked'),
  'compliance/erasure/seal-found.ts': harmless('seals rows without a seal that are still what was read'),
  'compliance/erasure/delete-rows.ts': harmless('counts and deletes in one batch, once: guarded by empty steps'),
  'compliance/erasure/legal-hold.ts': race('operators/account-changes.test.ts', '%i times at once is placed once'),
  'compliance/erasure/purge-user.ts': race(
    'compliance/erasing-others.test.ts',
    'and of %i purges of one genuine request at once, one records it',
  ),
  'compliance/export/build-pending-exports.ts': harmless('notes when the cron tried; the last one counts'),
  'compliance/erasure/claim-erasure.ts': race('compliance/erasure.test.ts', 'of a purge and %i concurrent restores'),
  'compliance/erasure/reopen-restored.ts': harmless('one job at a time; guarded by what is finished or not begun'),
  'compliance/erasure/request-erasure.ts': race(
    'compliance/erasure.test.ts',
    '%i concurrent deletions leave one erasure',
  ),
  'compliance/erasure/schedule-erasure.ts': race(
    'compliance/erasure.test.ts',
    '%i concurrent deletions leave one erasure',
  ),
  'compliance/export/build-export.ts': harmless('turns pending to ready once; export.test.ts lets two runs overlap'),
  'compliance/export/delete-expired-exports.ts': harmless(DELETES_BY_AGE),
  'compliance/export/request-export.ts': race(
    'compliance/export.test.ts',
    'is built once when it is requested %d times',
  ),
  'compliance/job-runs.ts': race('operators/erasures.test.ts', 'are started by one run when %i requests come at once'),
  'identity/email/confirm-email-change.ts': race(
    'identity/email.test.ts',
    'O2 of a burst of %i with one confirmation one wins',
  ),
  'identity/factor-reset/cancel-factor-reset.ts': race(
    'operators/factor-reset.test.ts',
    'is done or cancelled, never both, by %i of each at once',
  ),
  'identity/factor-reset/remove-factors.ts': race(
    'operators/factor-reset.test.ts',
    'is done or cancelled, never both, by %i of each at once',
  ),
  'identity/factor-reset/reset-due-factors.ts': race(
    'operators/factor-reset.test.ts',
    'is done once by %i runs of the cron at once',
  ),
  'operators/reset-factors.ts': race(
    'operators/factor-reset.test.ts',
    'is requested once by %i at once, with one link',
  ),
  'identity/email/undo-email-change.ts': race('identity/email.test.ts', 'O2 of a burst of %i with one undo one wins'),
  'identity/email/verify-email.ts': race('identity/email.test.ts', 'O2 of a burst of %i with one link one wins'),
  'identity/end-suspensions.ts': race(
    'operators/account-changes.test.ts',
    '%i times at once takes effect once, and records',
  ),
  'identity/user-import/insert-imported-state.ts': race(
    'operators/user-import.test.ts',
    '%i times at once are imported once',
  ),
  'identity/user-import/insert-imported-user.ts': race(
    'operators/user-import.test.ts',
    '%i times at once are imported once',
  ),
  'sign-in/federated/identities/link-identity.ts': race(
    'sign-in/federated/identities.test.ts',
    'succeeds once for %i concurrent requests with one code',
  ),
  'sign-in/federated/identities/unlink-identity.ts': race(
    'sign-in/federated/identities.test.ts',
    'S5 succeeds once for %i concurrent requests that remove the last two',
  ),
  'identity/personal-data.ts': harmless('entombs whoever a purge has claimed; the second time finds a tombstone'),
  'sign-in/federated/register-federated-user.ts': race(
    'sign-in/federated/sign-in.test.ts',
    'of %i at once by one person opens one account, and all get in',
  ),
  'identity/register-user.ts': race('identity/register.test.ts', 'registers one address once when %i spellings arrive'),
  'mail/claim-mail-job.ts': race('mail/delivery.test.ts', 'a job that is delivered %i times at once is sent once'),
  'mail/deliver-mail.ts': race('mail/delivery.test.ts', 'a job that is delivered %i times at once is sent once'),
  'mail/order-requested-mail.ts': race('mail/requests.test.ts', 'a request that is delivered %i times at once'),
  'mail/send-mail-jobs.ts': harmless('gives up what is too old, once'),
  'operators/change-roles.ts': race('operators/roles.test.ts', 'are one of the requested sets, never a mixture'),
  'operators/change-user.ts': race(
    'operators/account-changes.test.ts',
    '%i times at once takes effect once, and records',
  ),
  'operators/erase-user.ts': race('operators/account-changes.test.ts', 'D6 %i times at once takes effect once'),
  'operators/user-import/continue-import.ts': race(
    'operators/user-import.test.ts',
    '%i times at once are imported once',
  ),
  'operators/user-import/finish-import.ts': harmless('finishes once: finished_at IS NULL'),
  'operators/user-import/start-import.ts': harmless('inserts a row of its own'),
  'operators/reactivate-user.ts': race(
    'operators/account-changes.test.ts',
    '%i times at once takes effect once, and records',
  ),
  'operators/require-password-reset.ts': race(
    'operators/account-changes.test.ts',
    '%i times at once takes effect once',
  ),
  'operators/require-two-step.ts': race('operators/two-step-policy.test.ts', 'does it once in %i requests at once'),
  'operators/restore-user.ts': race('operators/account-changes.test.ts', 'D6 %i times at once takes effect once'),
  'operators/revoke-sessions.ts': harmless('each call is a step of the epoch and has its own event'),
  'operators/suspend-user.ts': race(
    'operators/account-changes.test.ts',
    '%i times at once takes effect once, and records',
  ),
  'profile/update-me.ts': race('http/users-me.test.ts', 'lets exactly one of %i changes to one version win'),
  'storage/database/two-step-policy.ts': race('operators/two-step-policy.test.ts', 'is set once by %i grants at once'),
  'storage/database/consent-row.ts': race(
    'compliance/consents.test.ts',
    'records one decision once when it is sent %d',
  ),
  'storage/database/counters.ts': race('rate-limits/limits.test.ts', 'T5 passes exactly half of %i sent together'),
  'storage/database/end-sessions.ts': race('sessions/own-sessions.test.ts', 'succeeds once for %i concurrent requests'),
  'storage/database/oauth-flows.ts': race('sign-in/federated/protocol.test.ts', 'is exchanged once in a burst of %i'),
  'storage/database/one-time-tokens.ts': race('identity/email.test.ts', 'O2 of a burst of %i with one link one wins'),
  'storage/database/personal-data.ts': harmless(DELETES_BY_AGE),
  'storage/database/profile-row.ts': race('identity/register.test.ts', 'registers one address once when %i spellings'),
  'storage/database/failure-counts.ts': race(
    'rate-limits/former-failures.test.ts',
    'T1 leave one of ten attempts when there were nine, for %i at once',
  ),
  'storage/database/idempotency-keys.ts': race('http/idempotency.test.ts', 'act for one of %i with the same key'),
  'storage/database/social-logins.ts': race(
    'sign-in/federated/identities.test.ts',
    'succeeds once for %i concurrent requests with one code',
  ),
  'storage/database/outbox-mail.ts': race(
    'http/idempotency.test.ts',
    'delete an account once for %i with the same key',
  ),
  'storage/database/outbox.ts': race('http/idempotency.test.ts', 'act for one of %i with the same key'),
  'witness/cosigned-checkpoints.ts': race(
    'witness/witness.test.ts',
    'K11 %i continuations of one checkpoint: one is cosigned',
  ),
}
