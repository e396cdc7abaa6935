ALTER TABLE `erasures` ADD `seal` text;--> statement-breakpoint
ALTER TABLE `erasures` ADD `refused_at` integer;--> statement-breakpoint
ALTER TABLE `erasures` ADD `sweep_at` integer;--> statement-breakpoint
CREATE INDEX `erasures_refused` ON `erasures` (`refused_at`) WHERE refused_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `erasures_sweep` ON `erasures` (`sweep_at`) WHERE sweep_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `erasures_seal` ON `erasures` (`seal`) WHERE completed_at IS NULL;--> statement-breakpoint
ALTER TABLE `legal_holds` ADD `seal` text;--> statement-breakpoint
CREATE INDEX `legal_holds_seal` ON `legal_holds` (`seal`);--> statement-breakpoint
ALTER TABLE `orphan_keys` ADD `seal` text;