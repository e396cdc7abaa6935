CREATE TABLE `log_tree` (
	`id` integer PRIMARY KEY NOT NULL,
	`segment` integer NOT NULL,
	`edge` text NOT NULL,
	`note` text NOT NULL,
	`grown_at` integer NOT NULL,
	CONSTRAINT "log_tree_single" CHECK("log_tree"."id" = 1)
);
