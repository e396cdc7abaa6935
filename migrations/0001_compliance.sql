CREATE TABLE `archive_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`sequence` integer NOT NULL,
	`hash` text NOT NULL,
	`event_count` integer NOT NULL,
	`advanced_at` integer NOT NULL,
	CONSTRAINT "archive_head_single" CHECK("archive_head"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `archive_places` (
	`user_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`archived_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `sequence`)
);
--> statement-breakpoint
CREATE TABLE `consents` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`document` text NOT NULL,
	`version` text NOT NULL,
	`decision` text NOT NULL,
	`decided_at` integer NOT NULL,
	`source` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `consents_user` ON `consents` (`user_id`,`document`,`id`);--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`body` text NOT NULL,
	`received_at` integer NOT NULL,
	`replayed_at` integer
);
--> statement-breakpoint
CREATE TABLE `erasures` (
	`user_id` text PRIMARY KEY NOT NULL,
	`requested_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`started_at` integer,
	`completed_at` integer,
	`basis` text NOT NULL,
	`steps` text DEFAULT '{}' NOT NULL,
	`receipt` text
);
--> statement-breakpoint
CREATE INDEX `erasures_open` ON `erasures` (`due_at`) WHERE completed_at IS NULL;--> statement-breakpoint
CREATE TABLE `exports` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`ready_at` integer,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `exports_user` ON `exports` (`user_id`);--> statement-breakpoint
CREATE INDEX `exports_pending` ON `exports` (`created_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `exports_expires` ON `exports` (`expires_at`);--> statement-breakpoint
CREATE TABLE `job_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`job` text NOT NULL,
	`started_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer,
	`cursor` text,
	`counts` text DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `job_runs_open` ON `job_runs` (`job`) WHERE finished_at IS NULL;--> statement-breakpoint
CREATE TABLE `legal_holds` (
	`user_id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`placed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `one_time_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`purpose` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`consumed_at` integer,
	`nonce` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `one_time_tokens_user` ON `one_time_tokens` (`user_id`);--> statement-breakpoint
CREATE INDEX `one_time_tokens_expires` ON `one_time_tokens` (`expires_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `one_time_tokens_nonce` ON `one_time_tokens` (`nonce`);--> statement-breakpoint
CREATE TABLE `orphan_keys` (
	`owner` text PRIMARY KEY NOT NULL,
	`noticed_at` integer NOT NULL
);
--> statement-breakpoint
DROP INDEX `audit_events_unsent`;--> statement-breakpoint
CREATE INDEX `audit_events_unarchived` ON `audit_events` (`sent_at`) WHERE archived_at IS NULL;--> statement-breakpoint
CREATE INDEX `audit_events_archived` ON `audit_events` (`archived_at`) WHERE archived_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `audit_events_unsent` ON `audit_events` (`request_id`) WHERE sent_at IS NULL;