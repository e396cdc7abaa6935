ALTER TABLE `erasures` ADD `attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `erasures` ADD `retry_at` integer;--> statement-breakpoint
CREATE INDEX `erasures_next` ON `erasures` ((CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)) WHERE completed_at IS NULL;--> statement-breakpoint
ALTER TABLE `exports` ADD `tried_at` integer;--> statement-breakpoint
ALTER TABLE `job_runs` ADD `attempts` integer DEFAULT 0 NOT NULL;