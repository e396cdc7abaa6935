INSERT INTO user_counts (status, users) VALUES
	('active', (SELECT count(*) FROM users WHERE status = 'active')),
	('suspended', (SELECT count(*) FROM users WHERE status = 'suspended')),
	('deleted', (SELECT count(*) FROM users WHERE status = 'deleted'));
--> statement-breakpoint
CREATE TRIGGER users_counted_on_insert AFTER INSERT ON users BEGIN
	UPDATE user_counts SET users = users + 1 WHERE status = NEW.status;
END;
--> statement-breakpoint
CREATE TRIGGER users_counted_on_update AFTER UPDATE OF status ON users WHEN OLD.status <> NEW.status BEGIN
	UPDATE user_counts SET users = users - 1 WHERE status = OLD.status;
	UPDATE user_counts SET users = users + 1 WHERE status = NEW.status;
END;
--> statement-breakpoint
CREATE TRIGGER users_counted_on_delete AFTER DELETE ON users BEGIN
	UPDATE user_counts SET users = users - 1 WHERE status = OLD.status;
END;
