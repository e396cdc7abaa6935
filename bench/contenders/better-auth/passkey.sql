-- What the plugin for passkeys adds to schema.sql: `npx auth@latest generate`.
CREATE TABLE "passkey" ("id" text not null primary key, "name" text, "publicKey" text not null, "userId" text not null references "user" ("id") on delete cascade, "credentialID" text not null, "counter" integer not null, "deviceType" text not null, "backedUp" integer not null, "transports" text, "createdAt" date, "aaguid" text);
--> statement-breakpoint
CREATE INDEX "passkey_userId_idx" on "passkey" ("userId");
--> statement-breakpoint
CREATE INDEX "passkey_credentialID_idx" on "passkey" ("credentialID");
