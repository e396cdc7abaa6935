-- What the plugin for two factors adds to schema.sql: `npx auth@latest generate`.
ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" integer;
--> statement-breakpoint
CREATE TABLE "twoFactor" ("id" text not null primary key, "secret" text not null, "backupCodes" text not null, "userId" text not null references "user" ("id") on delete cascade, "verified" integer, "failedVerificationCount" integer, "lockedUntil" date);
--> statement-breakpoint
CREATE INDEX "twoFactor_secret_idx" on "twoFactor" ("secret");
--> statement-breakpoint
CREATE INDEX "twoFactor_userId_idx" on "twoFactor" ("userId");
