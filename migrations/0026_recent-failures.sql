ALTER TABLE `attempts` ADD `recent_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `attempts` ADD `recent_ends_at` integer DEFAULT 0 NOT NULL;