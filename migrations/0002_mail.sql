CREATE TABLE `mail_jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`template` text NOT NULL,
	`locale` text,
	`token_id` text,
	`payload_enc` text,
	`created_at` integer NOT NULL,
	`claimed_until` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`sent_at` integer,
	`failed_at` integer,
	`last_error` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `mail_jobs_user` ON `mail_jobs` (`user_id`);--> statement-breakpoint
CREATE INDEX `mail_jobs_open` ON `mail_jobs` (`created_at`) WHERE sent_at IS NULL AND failed_at IS NULL;--> statement-breakpoint
DROP INDEX `sessions_user`;--> statement-breakpoint
ALTER TABLE `sessions` ADD `device_index` text;--> statement-breakpoint
CREATE INDEX `sessions_user_device` ON `sessions` (`user_id`,`device_index`);--> statement-breakpoint
ALTER TABLE `one_time_tokens` ADD `payload_enc` text;