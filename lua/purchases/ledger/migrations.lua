--- What a ledger's file went through, from an empty one on. Each text is run once, in a transaction of its own, and is
-- never changed afterwards: the number of those a file has had is its version.
-- @module purchases.ledger.migrations
return {
  -- A batch is one request's purchases, a series or a bulk. Its states: 0 pending, 1 sending, 2 accepted, 3 rejected,
  -- 4 unknown. Times are milliseconds since 1970.
  --
  -- A keyed purchase has the state of its batch, always: one that fares otherwise becomes a batch of its own. So a
  -- purchase is written twice at most, and the counts of batches add up to all purchases. Its key is a BLOB, since it
  -- may hold a NUL; ascending keys make the table cheap, and so they are never hashed.
  --
  -- A name is the time at which a series' batch begins, or the key of a purchase that is sent anew. Several batches may
  -- have one name; of what is no longer so, `superseded_by` says what has come in its place. That nothing is there
  -- twice is kept by the lock of the account, and by no index. Indices cost each batch more than anything else: none
  -- has what is being sent, which is looked for once, when an account is opened.
  [[
    CREATE TABLE meta (salt BLOB NOT NULL);
    CREATE TABLE account (
      id INTEGER PRIMARY KEY, provider TEXT NOT NULL, base_url TEXT NOT NULL, name TEXT NOT NULL,
      keyed INTEGER NOT NULL, key_print INTEGER, UNIQUE (provider, base_url, name));
    CREATE TABLE run (
      id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account, operation TEXT, source TEXT,
      host TEXT, pid INTEGER, since INTEGER NOT NULL, ended INTEGER);
    CREATE TABLE batch (
      id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account, name TEXT, first TEXT, last TEXT,
      count INTEGER NOT NULL, digest BLOB, operation TEXT NOT NULL, run INTEGER, superseded_by INTEGER,
      state INTEGER NOT NULL, maybe INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
      due INTEGER, receipt TEXT, code TEXT, message TEXT, changed INTEGER NOT NULL, workflow TEXT, body BLOB);
    CREATE INDEX batch_name ON batch (account, name) WHERE name IS NOT NULL;
    CREATE INDEX batch_open ON batch (account, state) WHERE state <> 1 AND state <> 2;
    CREATE TABLE purchase (
      account INTEGER NOT NULL REFERENCES account, key BLOB NOT NULL, digest BLOB NOT NULL,
      batch INTEGER NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
  ]],
}
