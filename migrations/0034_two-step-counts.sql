ALTER TABLE `user_counts` ADD `two_step` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
UPDATE user_counts SET two_step = (SELECT count(*) FROM users WHERE users.status = user_counts.status AND users.two_step_at IS NOT NULL);
--> statement-breakpoint
CREATE TRIGGER users_two_step_counted_on_insert AFTER INSERT ON users WHEN NEW.two_step_at IS NOT NULL BEGIN
	UPDATE user_counts SET two_step = two_step + 1 WHERE status = NEW.status;
END;
--> statement-breakpoint
CREATE TRIGGER users_two_step_counted_on_update AFTER UPDATE OF status, two_step_at ON users
WHEN (OLD.two_step_at IS NOT NULL OR NEW.two_step_at IS NOT NULL)
	AND (OLD.status <> NEW.status OR (OLD.two_step_at IS NULL) <> (NEW.two_step_at IS NULL)) BEGIN
	UPDATE user_counts SET two_step = two_step - 1 WHERE status = OLD.status AND OLD.two_step_at IS NOT NULL;
	UPDATE user_counts SET two_step = two_step + 1 WHERE status = NEW.status AND NEW.two_step_at IS NOT NULL;
END;
--> statement-breakpoint
CREATE TRIGGER users_two_step_counted_on_delete AFTER DELETE ON users WHEN OLD.two_step_at IS NOT NULL BEGIN
	UPDATE user_counts SET two_step = two_step - 1 WHERE status = OLD.status;
END;
