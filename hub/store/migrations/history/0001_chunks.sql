-- What is recorded: one row an attribute, and one for each other kind of happening.
CREATE TABLE series (
    id        INTEGER PRIMARY KEY,
    kind      INTEGER NOT NULL,
    device    TEXT    NOT NULL,
    endpoint  INTEGER NOT NULL,
    attribute TEXT    NOT NULL,
    UNIQUE (kind, device, endpoint, attribute)
) STRICT;

-- Sealed stretches of one series. Times are milliseconds since 1970; both ends are included.
CREATE TABLE chunks (
    id       INTEGER PRIMARY KEY,
    series   INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;
CREATE INDEX chunks_by_series ON chunks (series, first);
CREATE INDEX chunks_by_age ON chunks (last);

-- What remains of chunks that grew too old. `width` is the stretch in milliseconds; `integral` is value times
-- milliseconds over `covered` milliseconds.
CREATE TABLE aggregates (
    series   INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    width    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    least    REAL    NOT NULL,
    greatest REAL    NOT NULL,
    integral REAL    NOT NULL,
    covered  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    rise     REAL    NOT NULL,
    latest   REAL    NOT NULL,
    PRIMARY KEY (series, width, at)
) WITHOUT ROWID, STRICT;

-- The last sample that was summed up, so that the next chunk goes on from it.
CREATE TABLE summed (
    series INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    value  REAL    NOT NULL
) STRICT;

-- The last sample of each series at the last sealing.
CREATE TABLE last_states (
    series   INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- The generation of the journal that was sealed last, and the like.
CREATE TABLE marks (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
