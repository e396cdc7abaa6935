CREATE TABLE `user_counts` (
	`status` text PRIMARY KEY NOT NULL,
	`users` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `users` ADD `suspended_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `suspended_until` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `reset_required_at` integer;--> statement-breakpoint
CREATE INDEX `users_created` ON `users` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `users_domain` ON `users` (`email_domain_index`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `users_inactive` ON `users` (`status`,`created_at`,`id`) WHERE status <> 'active';--> statement-breakpoint
CREATE INDEX `users_suspended_until` ON `users` (`suspended_until`) WHERE suspended_until IS NOT NULL;--> statement-breakpoint
CREATE INDEX `audit_events_actor` ON `audit_events` (`actor_id`,`id`) WHERE actor_id IS NOT subject_id;--> statement-breakpoint
CREATE INDEX `audit_events_action` ON `audit_events` (`action`,`id`);--> statement-breakpoint
CREATE INDEX `dead_letters_waiting` ON `dead_letters` (`received_at`) WHERE replayed_at IS NULL;--> statement-breakpoint
CREATE INDEX `erasures_completed` ON `erasures` (`completed_at`) WHERE completed_at IS NOT NULL;