ALTER TABLE `sessions` ADD `client_index` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `last_event_id` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `refresh_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `refreshes_counted_until` integer DEFAULT 0 NOT NULL;