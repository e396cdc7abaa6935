ALTER TABLE `users` ADD `two_step_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `two_step_due_at` integer;