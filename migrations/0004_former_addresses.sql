ALTER TABLE `mail_jobs` ADD `email_enc` text;--> statement-breakpoint
ALTER TABLE `one_time_tokens` ADD `address_index` text;--> statement-breakpoint
CREATE INDEX `one_time_tokens_address` ON `one_time_tokens` (`address_index`) WHERE address_index IS NOT NULL;