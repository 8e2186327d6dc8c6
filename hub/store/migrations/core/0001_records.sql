-- Everything that is promised, one row a thing. The checksum covers kind, id and body.
CREATE TABLE records (
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID, STRICT;

-- Hashes of passwords and tokens, the set-up code: apart, so that nothing that lists records ever meets them.
CREATE TABLE secrets (
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID, STRICT;
