CREATE TABLE `dropped_letters` (
	`reason` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `audit_events` ADD `seal` text;--> statement-breakpoint
ALTER TABLE `audit_events` ADD `archived_in` integer;--> statement-breakpoint
ALTER TABLE `audit_events` ADD `note_enc` text;--> statement-breakpoint
ALTER TABLE `dead_letters` ADD `reason` text;