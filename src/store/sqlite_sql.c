#include "store/sqlite.h"

const char sqlite_schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('changed', 0);"
    "CREATE TABLE detector (name TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL,"
    " window BLOB NOT NULL, last INTEGER NOT NULL);"
    "CREATE TABLE heartbeat (detector TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL,"
    " version TEXT NOT NULL, up INTEGER NOT NULL, lines INTEGER NOT NULL,"
    " reports INTEGER NOT NULL, acked INTEGER NOT NULL, pending INTEGER NOT NULL,"
    " oldest INTEGER NOT NULL, sent INTEGER NOT NULL, resent INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, unread INTEGER NOT NULL, bogus INTEGER NOT NULL);"
    "CREATE TABLE journal (id INTEGER PRIMARY KEY, records BLOB NOT NULL);"
    "CREATE TABLE evidence (ip BLOB NOT NULL CHECK (length(ip) = 16), detector TEXT NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, last_bot INTEGER NOT NULL,"
    " last_suspect INTEGER NOT NULL, last_clean INTEGER NOT NULL, bots INTEGER NOT NULL,"
    " suspects INTEGER NOT NULL, cleans INTEGER NOT NULL, future INTEGER NOT NULL,"
    " score INTEGER NOT NULL, sins TEXT NOT NULL, quits INTEGER NOT NULL,"
    " noquits INTEGER NOT NULL, recent_bots TEXT NOT NULL, recent_cleans TEXT NOT NULL,"
    " PRIMARY KEY (ip, detector)) WITHOUT ROWID;"
    "CREATE TABLE unread (detector TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (detector, text)) WITHOUT ROWID;"
    "CREATE TABLE listing (ip BLOB PRIMARY KEY CHECK (length(ip) = 16),"
    " colour TEXT NOT NULL CHECK (colour = 'black' OR colour = 'yellow' OR colour = 'brown'"
    " OR colour = 'none'),"
    " since INTEGER NOT NULL, until INTEGER NOT NULL, times INTEGER NOT NULL,"
    " last INTEGER NOT NULL, sins TEXT NOT NULL, detectors INTEGER NOT NULL,"
    " quits INTEGER NOT NULL, noquits INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX listing_changed ON listing(changed);";

/* Created whenever a database is opened: one of an earlier collector may not have them. Table
   standing has the states of detectors (detector.h). */
const char sqlite_later_tables[] =
    "CREATE TABLE IF NOT EXISTS standing (detector TEXT PRIMARY KEY NOT NULL,"
    " first INTEGER NOT NULL, quarantined INTEGER NOT NULL, revoked INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS taken (detector TEXT NOT NULL, part INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, top INTEGER NOT NULL, checks BLOB NOT NULL,"
    " PRIMARY KEY (detector, part)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS addition (id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " ip BLOB NOT NULL CHECK (length(ip) = 16), detector TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS frozen (what TEXT PRIMARY KEY NOT NULL, since INTEGER NOT NULL)"
    " WITHOUT ROWID;";

/* Added likewise. */
const struct later_column sqlite_later_columns[LATER_COLUMNS] = {
    {"SELECT count(*) FROM pragma_table_info('evidence') WHERE name = 'received'",
     "ALTER TABLE evidence ADD COLUMN received INTEGER NOT NULL DEFAULT 0"},
    {"SELECT count(*) FROM pragma_table_info('standing') WHERE name = 'surplus'",
     "ALTER TABLE standing ADD COLUMN surplus INTEGER NOT NULL DEFAULT 0"},
    {"SELECT count(*) FROM pragma_table_info('standing') WHERE name = 'surplus_at'",
     "ALTER TABLE standing ADD COLUMN surplus_at INTEGER NOT NULL DEFAULT 0"},
};

#define EVIDENCE_COLUMNS                                                                          \
  "first, last, last_bot, last_suspect, last_clean, bots, suspects, cleans, future, score, sins," \
  " quits, noquits, recent_bots, recent_cleans, received"

#define LISTING_COLUMNS "colour, since, until, times, last, sins, detectors, quits, noquits"

const char *const sqlite_statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_GET_CHANGED] = "SELECT value FROM meta WHERE name = 'changed'",
    [SQL_SET_CHANGED] = "UPDATE meta SET value = ?1 WHERE name = 'changed'",
    [SQL_GET_DETECTOR] = "SELECT epoch, window FROM detector WHERE name = ?1",
    [SQL_PUT_DETECTOR] =
        "INSERT INTO detector (name, epoch, window, last) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, window = excluded.window,"
        " last = excluded.last",
    [SQL_GET_HEARTBEAT] = "SELECT epoch, seq FROM heartbeat WHERE detector = ?1",
    [SQL_PUT_HEARTBEAT] =
        "INSERT INTO heartbeat (detector, epoch, seq, time, received, version, up, lines, reports,"
        " acked, pending, oldest, sent, resent, failed, unread, bogus)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
        " ON CONFLICT (detector) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq,"
        " time = excluded.time, received = excluded.received, version = excluded.version,"
        " up = excluded.up, lines = excluded.lines, reports = excluded.reports,"
        " acked = excluded.acked, pending = excluded.pending, oldest = excluded.oldest,"
        " sent = excluded.sent, resent = excluded.resent, failed = excluded.failed,"
        " unread = excluded.unread, bogus = excluded.bogus",
    [SQL_GET_CHECKS] = "SELECT part, top, checks FROM taken WHERE detector = ?1 AND epoch = ?2",
    [SQL_PUT_CHECKS] =
        "INSERT INTO taken (detector, part, epoch, top, checks) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (detector, part) DO UPDATE SET epoch = excluded.epoch, top = excluded.top,"
        " checks = excluded.checks",
    [SQL_GET_DETECTOR_STATE] =
        "SELECT first, revoked, surplus, surplus_at FROM standing WHERE detector = ?1",
    [SQL_PUT_DETECTOR_STATE] =
        "INSERT INTO standing (first, revoked, surplus, surplus_at, detector, quarantined)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 0)"
        " ON CONFLICT (detector) DO UPDATE SET first = excluded.first, quarantined = 0,"
        " revoked = excluded.revoked, surplus = excluded.surplus,"
        " surplus_at = excluded.surplus_at",
    [SQL_GET_FREEZES] = "SELECT what, since FROM frozen UNION ALL"
                        " SELECT 'all', value FROM meta WHERE name = 'frozen' AND value > 0"
                        " ORDER BY since",
    [SQL_REMOVE_FREEZES] = "DELETE FROM frozen",
    [SQL_ADD_FREEZE] = "INSERT INTO frozen (what, since) VALUES (?1, ?2)",
    [SQL_PUT_FREEZE_ALL] = "INSERT INTO meta (name, value) VALUES ('frozen', ?1)"
                           " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SQL_ADD_ADDITION] = "INSERT INTO addition (time, ip, detector) VALUES (?1, ?2, ?3)",
    [SQL_REMOVE_ADDITIONS] = "DELETE FROM addition WHERE time < ?1 OR time > ?2",
    [SQL_GET_ADDITIONS] = "SELECT ip, detector, time FROM addition ORDER BY min(time, ?1), id",
    [SQL_LISTING_ENDS] = "SELECT until FROM listing WHERE until > ?1 AND until <= ?2"
                         " AND (colour = 'black' OR colour = 'yellow')",
    [SQL_ALL_DETECTORS] =
        "WITH known (name) AS (SELECT name FROM detector UNION SELECT detector FROM standing"
        " UNION SELECT detector FROM heartbeat UNION SELECT detector FROM evidence),"
        " counted AS (SELECT detector, count(*) AS rows, sum(bots) AS bots, sum(suspects) AS "
        "suspects,"
        " sum(cleans) AS cleans FROM evidence GROUP BY detector)"
        " SELECT known.name, detector.last, heartbeat.received, counted.rows, counted.bots,"
        " counted.suspects, counted.cleans, standing.first, standing.revoked, standing.surplus,"
        " standing.surplus_at, heartbeat.time, heartbeat.pending, heartbeat.version"
        " FROM known LEFT JOIN detector ON detector.name = known.name"
        " LEFT JOIN heartbeat ON heartbeat.detector = known.name"
        " LEFT JOIN standing ON standing.detector = known.name"
        " LEFT JOIN counted ON counted.detector = known.name ORDER BY known.name",
    [SQL_REVOKED_KEYS] = "SELECT ip FROM evidence WHERE ip >= ?1 AND detector = ?2"
                         " AND (last >= ?3 OR received >= ?3) ORDER BY ip LIMIT ?4",
    [SQL_REMOVE_EVIDENCE] = "DELETE FROM evidence WHERE ip = ?1 AND detector = ?2",
    [SQL_COUNT_EVIDENCE] = "SELECT count(*) FROM evidence",
    [SQL_ALL_KEYS] = "SELECT ip FROM evidence UNION ALL SELECT ip FROM listing",
    [SQL_GET_EVIDENCE] = "SELECT " EVIDENCE_COLUMNS ", detector FROM evidence WHERE ip = ?1",
    [SQL_PUT_EVIDENCE] =
        "INSERT INTO evidence (" EVIDENCE_COLUMNS ", detector, ip)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
        " ON CONFLICT (ip, detector) DO UPDATE SET first = excluded.first, last = excluded.last,"
        " last_bot = excluded.last_bot, last_suspect = excluded.last_suspect,"
        " last_clean = excluded.last_clean, bots = excluded.bots, suspects = excluded.suspects,"
        " cleans = excluded.cleans, future = excluded.future, score = excluded.score,"
        " sins = excluded.sins, quits = excluded.quits, noquits = excluded.noquits,"
        " recent_bots = excluded.recent_bots, recent_cleans = excluded.recent_cleans,"
        " received = excluded.received",
    [SQL_GET_LISTING] = "SELECT " LISTING_COLUMNS " FROM listing WHERE ip = ?1",
    [SQL_PUT_LISTING] =
        "INSERT INTO listing (" LISTING_COLUMNS ", ip, changed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (ip) DO UPDATE SET colour = excluded.colour, since = excluded.since,"
        " until = excluded.until, times = excluded.times, last = excluded.last,"
        " sins = excluded.sins, detectors = excluded.detectors, quits = excluded.quits,"
        " noquits = excluded.noquits, changed = excluded.changed",
    [SQL_READ_JOURNAL] = "SELECT id, records FROM journal ORDER BY id",
    [SQL_ADD_JOURNAL] = "INSERT INTO journal (id, records) VALUES (?1, ?2)",
    [SQL_REMOVE_JOURNAL] = "DELETE FROM journal WHERE id <= ?1",
    [SQL_COUNT_UNREAD] = "SELECT count(*) FROM unread WHERE detector = ?1",
    [SQL_ADD_UNREAD] = "INSERT INTO unread (detector, time, text) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (detector, text) DO NOTHING",
    [SQL_RUNNING_LISTINGS] = "SELECT ip FROM listing WHERE until > ?1",
    [SQL_END_LISTING] = "UPDATE listing SET until = ?2, changed = ?3 WHERE ip = ?1",
    [SQL_SLICE_LISTING] = "SELECT ip FROM listing WHERE ip > ?1 ORDER BY ip LIMIT 1 OFFSET ?2",
    [SQL_PURGE_LISTING] =
        "DELETE FROM listing WHERE ip > ?1 AND ip <= ?2 AND until < ?3 RETURNING ip",
    [SQL_IMPLAUSIBLE_LISTINGS] = "SELECT ip FROM listing WHERE ip > ?1 AND ip <= ?2 AND until > ?3",
    [SQL_CLAMP_EVIDENCE] = "UPDATE evidence SET last = ?4, received = min(received, ?4)"
                           " WHERE ip > ?1 AND ip <= ?2 AND last > ?3 RETURNING ip",
    [SQL_SLICE_EVIDENCE] = "SELECT ip FROM evidence WHERE ip > ?1 ORDER BY ip LIMIT 1 OFFSET ?2",
    [SQL_PURGE_EVIDENCE] =
        "DELETE FROM evidence WHERE ip > ?1 AND ip <= ?2 AND last < ?3 RETURNING ip",
    [SQL_PURGE_UNREAD] = "DELETE FROM unread WHERE time < ?1",
    /* An earlier collector stored no time of a purge. Its clock was right at its last report. */
    [SQL_GET_PURGED] = "SELECT coalesce((SELECT value FROM meta WHERE name = 'purged'),"
                       " (SELECT max(last) FROM detector), 0)",
    [SQL_PUT_PURGED] = "INSERT INTO meta (name, value) VALUES ('purged', ?1)"
                       " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
