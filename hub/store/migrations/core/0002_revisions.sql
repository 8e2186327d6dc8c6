-- What rules and the like were after each change. The checksum covers all other columns but `place`, which counts up
-- over all things; `removed` is 1 where the change was a removal.
CREATE TABLE revisions (
    place    INTEGER PRIMARY KEY,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    removed  INTEGER NOT NULL,
    entry    BLOB    NOT NULL,
    document BLOB    NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (kind, id, number)
) STRICT;
