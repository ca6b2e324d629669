-- Version 1. Never changed: what came later is in the next file. Times are microseconds since 1970, UTC.
CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  targets TEXT NOT NULL,
  tool TEXT NOT NULL,
  started INTEGER NOT NULL,
  outcome TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'kept', 'died'))
) STRICT;
CREATE INDEX runs_open ON runs (outcome);

CREATE TABLE scans (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER REFERENCES runs (number),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  inputs TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  tool TEXT NOT NULL,
  is_complete INTEGER NOT NULL,
  exit_code INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  blind_spots INTEGER NOT NULL,
  digest BLOB NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE INDEX scans_id ON scans (id);
CREATE INDEX scans_started ON scans (started);

CREATE TABLE systems (
  scan INTEGER NOT NULL REFERENCES scans (number),
  place INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  vendor TEXT NOT NULL,
  verdict TEXT NOT NULL,
  findings INTEGER NOT NULL,
  worst TEXT NOT NULL,
  unlisted INTEGER NOT NULL,
  transmissions INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  pages_loaded INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  third_party_requests INTEGER NOT NULL,
  forms INTEGER NOT NULL,
  forms_submitted INTEGER NOT NULL,
  consent TEXT NOT NULL,
  PRIMARY KEY (scan, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX systems_id ON systems (id, name, scan);

CREATE TABLE findings (
  fingerprint TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  system TEXT NOT NULL,
  recipient TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  scans INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  fingerprint TEXT NOT NULL REFERENCES findings (fingerprint),
  scan INTEGER NOT NULL REFERENCES scans (number),
  severity TEXT NOT NULL,
  transmissions INTEGER NOT NULL,
  persons INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, scan)
) STRICT, WITHOUT ROWID;

CREATE TABLE recipients (
  system TEXT NOT NULL,
  domain TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  first_with_number INTEGER,
  PRIMARY KEY (system, domain)
) STRICT, WITHOUT ROWID;
