ALTER TABLE `sessions` ADD `continued_session_id` text;--> statement-breakpoint
ALTER TABLE `oauth_flows` ADD `redirect_uri` text;