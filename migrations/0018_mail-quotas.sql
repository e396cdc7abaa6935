DROP INDEX `mail_jobs_user`;--> statement-breakpoint
ALTER TABLE `mail_jobs` ADD `held_back` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `mail_jobs_user` ON `mail_jobs` (`user_id`,`created_at`);--> statement-breakpoint
ALTER TABLE `users` ADD `sign_in_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `sign_ins_counted_until` integer DEFAULT 0 NOT NULL;