-- Version 2: persons across scans, as tokens under the supervisor's key; scans without that key have none.
ALTER TABLE scans ADD COLUMN key TEXT;
CREATE TABLE persons (
  scan INTEGER NOT NULL REFERENCES scans (number),
  system TEXT NOT NULL,
  token BLOB NOT NULL,
  PRIMARY KEY (scan, system, token)
) STRICT, WITHOUT ROWID;
