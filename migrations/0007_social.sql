CREATE TABLE `oauth_flows` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`provider` text NOT NULL,
	`code_challenge` text NOT NULL,
	`identity_indexes` text,
	`code_expires_at` integer,
	`provider_id_enc` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`consumed_at` integer,
	`nonce` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `oauth_flows_user` ON `oauth_flows` (`user_id`);--> statement-breakpoint
CREATE INDEX `oauth_flows_expires` ON `oauth_flows` (`expires_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `oauth_flows_nonce` ON `oauth_flows` (`nonce`);--> statement-breakpoint
CREATE TABLE `social_logins` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`provider_id_index` text NOT NULL,
	`provider_id_enc` text NOT NULL,
	`linked_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `social_logins_identity` ON `social_logins` (`provider`,`provider_id_index`);--> statement-breakpoint
CREATE INDEX `social_logins_user` ON `social_logins` (`user_id`);