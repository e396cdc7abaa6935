CREATE TRIGGER imported_passwords_counted_on_insert AFTER INSERT ON credentials
WHEN NEW.password_hash >= 'imported:' AND NEW.password_hash < 'imported;' BEGIN
	INSERT INTO imported_passwords (scheme, credentials)
		VALUES (substr(NEW.password_hash, 10, instr(substr(NEW.password_hash, 10), ':') - 1), 1)
		ON CONFLICT (scheme) DO UPDATE SET credentials = credentials + 1;
END;
--> statement-breakpoint
CREATE TRIGGER imported_passwords_counted_on_update AFTER UPDATE OF password_hash ON credentials
WHEN OLD.password_hash >= 'imported:' AND OLD.password_hash < 'imported;' AND NEW.password_hash IS NOT OLD.password_hash BEGIN
	UPDATE imported_passwords SET credentials = credentials - 1
		WHERE scheme = substr(OLD.password_hash, 10, instr(substr(OLD.password_hash, 10), ':') - 1);
END;
--> statement-breakpoint
CREATE TRIGGER imported_passwords_counted_on_delete AFTER DELETE ON credentials
WHEN OLD.password_hash >= 'imported:' AND OLD.password_hash < 'imported;' BEGIN
	UPDATE imported_passwords SET credentials = credentials - 1
		WHERE scheme = substr(OLD.password_hash, 10, instr(substr(OLD.password_hash, 10), ':') - 1);
END;
