DROP INDEX `attempts_window`;--> statement-breakpoint
ALTER TABLE `attempts` ADD `ends_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `attempts_ends` ON `attempts` (`ends_at`);