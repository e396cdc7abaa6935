ALTER TABLE `mail_requests` ADD `address_enc` text;--> statement-breakpoint
ALTER TABLE `mail_requests` ADD `claimed_until` integer;--> statement-breakpoint
ALTER TABLE `mail_requests` ADD `attempts` integer DEFAULT 0 NOT NULL;