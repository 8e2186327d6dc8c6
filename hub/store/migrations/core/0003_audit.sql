-- Who did what. Each hash is the SHA-256 over the hash before, the number and the entry; the first follows 32 zeros.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    entry  BLOB    NOT NULL,
    hash   BLOB    NOT NULL
) STRICT;

-- Where the kept chain begins (`first`: the last entry that was let go) and ends (`last`: the newest).
CREATE TABLE audit_ends (
    name   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL
) WITHOUT ROWID, STRICT;
