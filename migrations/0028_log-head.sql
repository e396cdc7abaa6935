CREATE TABLE `log_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`checkpoint` text NOT NULL,
	`advanced_at` integer NOT NULL,
	`followed` integer NOT NULL,
	CONSTRAINT "log_head_single" CHECK("log_head"."id" = 1)
);
