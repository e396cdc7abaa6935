CREATE TABLE `mail_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`template` text NOT NULL,
	`address_indexes` text NOT NULL,
	`locale` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mail_requests_address` ON `mail_requests` (`address_indexes`,`id`);