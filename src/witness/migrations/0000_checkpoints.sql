-- The newest checkpoint of each log that was cosigned. A row only ever moves to a larger size.
CREATE TABLE checkpoints (
  origin TEXT PRIMARY KEY NOT NULL,
  origin_hash TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL CHECK (size >= 0),
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT;
