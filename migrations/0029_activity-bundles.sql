CREATE TABLE `activity_bundles` (
	`user_id` text NOT NULL,
	`period` text NOT NULL,
	`events` integer NOT NULL,
	`sha256` text NOT NULL,
	PRIMARY KEY(`user_id`, `period`)
) WITHOUT ROWID;
