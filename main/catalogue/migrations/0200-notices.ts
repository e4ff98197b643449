import type { Db } from '../database.ts';
import { keepHistory } from './keep-history.ts';

const HISTORY = ['notice_occasions', 'notice_endpoints', 'notices', 'notice_entries'];

/**
 * Who was asked and told of what, and how. An occasion is opened in the transaction of the step that it stands for; what came of a
 * notice is a row more. Nothing in it is ever changed.
 */
export const migration = {
  version: 200,
  name: 'notices',
  up(db: Db): void {
    db.exec(`
      CREATE TABLE notice_occasions (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL UNIQUE,         -- what the step is known by: the same step opens its notices once
        kind TEXT NOT NULL,
        element TEXT NOT NULL,            -- of the matrix
        version INTEGER NOT NULL,         -- of the matrix that was in force
        subject TEXT NOT NULL,            -- what it is about: approval, run, incident, ...
        subject_id TEXT NOT NULL,
        text TEXT NOT NULL,               -- what is said of it
        at TEXT NOT NULL,
        by TEXT NOT NULL                  -- name of whoever did it; Sallyport where the engine went on by itself
      ) STRICT;
      CREATE INDEX notice_occasions_subject ON notice_occasions (subject, subject_id);

      CREATE TABLE notice_endpoints (
        occasion_id TEXT NOT NULL REFERENCES notice_occasions (id),
        endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
        PRIMARY KEY (occasion_id, endpoint_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX notice_endpoints_endpoint ON notice_endpoints (endpoint_id, occasion_id);

      CREATE TABLE notices (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        occasion_id TEXT NOT NULL REFERENCES notice_occasions (id),
        party TEXT NOT NULL CHECK (party IN ('provider', 'customer')),
        letter TEXT NOT NULL CHECK (letter IN ('C', 'I')),
        person_id TEXT REFERENCES persons (id)  -- NULL: the matrix names the party, and nobody here stands for it
      ) STRICT;
      CREATE UNIQUE INDEX notices_once ON notices (occasion_id, party, letter, coalesce(person_id, ''));
      CREATE INDEX notices_person ON notices (person_id, row);

      CREATE TABLE notice_entries (
        row INTEGER PRIMARY KEY,
        notice_id TEXT NOT NULL REFERENCES notices (id),
        kind TEXT NOT NULL CHECK (kind IN ('seen', 'printed', 'handed-over', 'dropped', 'answered')),
        at TEXT NOT NULL,                 -- when it happened, as whoever recorded it says
        recorded_at TEXT NOT NULL,
        by TEXT NOT NULL REFERENCES persons (id),
        recipient TEXT,                   -- handed-over: to whom
        file TEXT,                        -- dropped: where it was written to
        sha256 TEXT,                      -- dropped: of the file
        answer TEXT CHECK (answer IN ('no-objection', 'remark')),
        remark TEXT
      ) STRICT;
      CREATE INDEX notice_entries_notice ON notice_entries (notice_id, row);
    `);
    keepHistory(db, HISTORY);
  },
} as const;
