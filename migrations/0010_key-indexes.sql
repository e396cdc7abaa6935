CREATE INDEX `social_logins_index` ON `social_logins` (`provider_id_index`);--> statement-breakpoint
CREATE INDEX `credentials_pepper` ON `credentials` ((CASE WHEN password_hash IS NULL THEN NULL WHEN instr(password_hash, ',keyid=') = 0 THEN 0 ELSE CAST(substr(password_hash, instr(password_hash, ',keyid=') + 7) AS INTEGER) END));
