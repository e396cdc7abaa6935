CREATE TABLE `passkey_counts` (
	`rp_id` text PRIMARY KEY NOT NULL,
	`passkeys` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO passkey_counts (rp_id, passkeys) SELECT rp_id, count(*) FROM passkeys WHERE removed_at IS NULL GROUP BY rp_id;
--> statement-breakpoint
CREATE TRIGGER passkeys_counted_on_insert AFTER INSERT ON passkeys WHEN NEW.removed_at IS NULL BEGIN
	INSERT INTO passkey_counts (rp_id, passkeys) SELECT NEW.rp_id, 0
		WHERE NOT EXISTS (SELECT 1 FROM passkey_counts WHERE rp_id = NEW.rp_id);
	UPDATE passkey_counts SET passkeys = passkeys + 1 WHERE rp_id = NEW.rp_id;
END;
--> statement-breakpoint
CREATE TRIGGER passkeys_counted_on_update AFTER UPDATE OF rp_id, removed_at ON passkeys
WHEN OLD.rp_id <> NEW.rp_id OR (OLD.removed_at IS NULL) <> (NEW.removed_at IS NULL) BEGIN
	UPDATE passkey_counts SET passkeys = passkeys - 1 WHERE rp_id = OLD.rp_id AND OLD.removed_at IS NULL;
	DELETE FROM passkey_counts WHERE rp_id = OLD.rp_id AND passkeys = 0;
	INSERT INTO passkey_counts (rp_id, passkeys) SELECT NEW.rp_id, 0
		WHERE NEW.removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM passkey_counts WHERE rp_id = NEW.rp_id);
	UPDATE passkey_counts SET passkeys = passkeys + 1 WHERE rp_id = NEW.rp_id AND NEW.removed_at IS NULL;
END;
--> statement-breakpoint
CREATE TRIGGER passkeys_counted_on_delete AFTER DELETE ON passkeys WHEN OLD.removed_at IS NULL BEGIN
	UPDATE passkey_counts SET passkeys = passkeys - 1 WHERE rp_id = OLD.rp_id;
	DELETE FROM passkey_counts WHERE rp_id = OLD.rp_id AND passkeys = 0;
END;
