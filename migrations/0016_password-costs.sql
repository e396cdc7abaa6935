CREATE TABLE `password_costs` (
	`cost` text PRIMARY KEY NOT NULL,
	`credentials` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO password_costs (cost, credentials)
	SELECT (CASE WHEN password_hash >= 'imported:' AND password_hash < 'imported;' THEN substr(password_hash, 10, instr(substr(password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(password_hash, ',keyid=') = 0 THEN '' ELSE substr(password_hash, instr(password_hash, '$v=19$') + 6, instr(password_hash, ',keyid=') - instr(password_hash, '$v=19$') - 6) END), count(*)
	FROM credentials WHERE password_hash IS NOT NULL GROUP BY 1;
--> statement-breakpoint
CREATE TRIGGER password_costs_counted_on_insert AFTER INSERT ON credentials
WHEN NEW.password_hash IS NOT NULL BEGIN
	INSERT INTO password_costs (cost, credentials) VALUES ((CASE WHEN NEW.password_hash >= 'imported:' AND NEW.password_hash < 'imported;' THEN substr(NEW.password_hash, 10, instr(substr(NEW.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(NEW.password_hash, ',keyid=') = 0 THEN '' ELSE substr(NEW.password_hash, instr(NEW.password_hash, '$v=19$') + 6, instr(NEW.password_hash, ',keyid=') - instr(NEW.password_hash, '$v=19$') - 6) END), 1)
		ON CONFLICT (cost) DO UPDATE SET credentials = credentials + 1;
END;
--> statement-breakpoint
CREATE TRIGGER password_costs_counted_on_update AFTER UPDATE OF password_hash ON credentials
WHEN (CASE WHEN NEW.password_hash >= 'imported:' AND NEW.password_hash < 'imported;' THEN substr(NEW.password_hash, 10, instr(substr(NEW.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(NEW.password_hash, ',keyid=') = 0 THEN '' ELSE substr(NEW.password_hash, instr(NEW.password_hash, '$v=19$') + 6, instr(NEW.password_hash, ',keyid=') - instr(NEW.password_hash, '$v=19$') - 6) END) IS NOT (CASE WHEN OLD.password_hash >= 'imported:' AND OLD.password_hash < 'imported;' THEN substr(OLD.password_hash, 10, instr(substr(OLD.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(OLD.password_hash, ',keyid=') = 0 THEN '' ELSE substr(OLD.password_hash, instr(OLD.password_hash, '$v=19$') + 6, instr(OLD.password_hash, ',keyid=') - instr(OLD.password_hash, '$v=19$') - 6) END) BEGIN
	UPDATE password_costs SET credentials = credentials - 1
		WHERE cost = (CASE WHEN OLD.password_hash >= 'imported:' AND OLD.password_hash < 'imported;' THEN substr(OLD.password_hash, 10, instr(substr(OLD.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(OLD.password_hash, ',keyid=') = 0 THEN '' ELSE substr(OLD.password_hash, instr(OLD.password_hash, '$v=19$') + 6, instr(OLD.password_hash, ',keyid=') - instr(OLD.password_hash, '$v=19$') - 6) END);
	INSERT INTO password_costs (cost, credentials)
		SELECT (CASE WHEN NEW.password_hash >= 'imported:' AND NEW.password_hash < 'imported;' THEN substr(NEW.password_hash, 10, instr(substr(NEW.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(NEW.password_hash, ',keyid=') = 0 THEN '' ELSE substr(NEW.password_hash, instr(NEW.password_hash, '$v=19$') + 6, instr(NEW.password_hash, ',keyid=') - instr(NEW.password_hash, '$v=19$') - 6) END), 1 WHERE NEW.password_hash IS NOT NULL
		ON CONFLICT (cost) DO UPDATE SET credentials = credentials + 1;
END;
--> statement-breakpoint
CREATE TRIGGER password_costs_counted_on_delete AFTER DELETE ON credentials
WHEN OLD.password_hash IS NOT NULL BEGIN
	UPDATE password_costs SET credentials = credentials - 1
		WHERE cost = (CASE WHEN OLD.password_hash >= 'imported:' AND OLD.password_hash < 'imported;' THEN substr(OLD.password_hash, 10, instr(substr(OLD.password_hash, 10), ':') - 1) || '+' ELSE '' END || CASE WHEN instr(OLD.password_hash, ',keyid=') = 0 THEN '' ELSE substr(OLD.password_hash, instr(OLD.password_hash, '$v=19$') + 6, instr(OLD.password_hash, ',keyid=') - instr(OLD.password_hash, '$v=19$') - 6) END);
END;
