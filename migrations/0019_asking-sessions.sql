ALTER TABLE `oauth_flows` ADD `session_id` text;--> statement-breakpoint
ALTER TABLE `one_time_tokens` ADD `session_id` text;--> statement-breakpoint
ALTER TABLE `one_time_tokens` ADD `amr` text;