== 001_cycle.sql
CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL, lead_id INTEGER NOT NULL REFERENCES players (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE players (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED, number INTEGER NOT NULL, UNIQUE (team_id, number));
CREATE INDEX teams_lead ON teams (lead_id);
CREATE TABLE matches (
    home_team INTEGER NOT NULL,
    home_number INTEGER NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (home_team, home_number, day),
    FOREIGN KEY (home_team, home_number) REFERENCES players (team_id, number) ON UPDATE CASCADE ON DELETE CASCADE
);
-- migrate:down
DROP TABLE matches;
DROP TABLE players;
DROP TABLE teams;
== 002_seed.sql
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO teams (id, name, lead_id) VALUES (1, 'red', 1);
INSERT INTO players (id, team_id, number) VALUES (1, 1, 10), (2, 1, 11);
INSERT INTO matches (home_team, home_number, day) VALUES (1, 11, '2024-01-01');
-- migrate:down
DELETE FROM matches WHERE home_team = 1;
DELETE FROM players WHERE team_id = 1;
DELETE FROM teams WHERE id = 1;
== 003_rebuild_players.sql
PRAGMA defer_foreign_keys = ON;
CREATE TABLE players_new (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED, number INTEGER NOT NULL CHECK (number > -100), name TEXT NOT NULL DEFAULT '', UNIQUE (team_id, number));
INSERT INTO players_new (id, team_id, number) SELECT id, team_id, max(number, -99) FROM players;
DROP TABLE players;
ALTER TABLE players_new RENAME TO players;
-- migrate:down
CREATE TABLE players_old (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED, number INTEGER NOT NULL, UNIQUE (team_id, number));
INSERT INTO players_old (id, team_id, number) SELECT id, team_id, number FROM players;
DROP TABLE players;
ALTER TABLE players_old RENAME TO players;
== 004_coach.sql
ALTER TABLE players ADD COLUMN coach_id INTEGER REFERENCES players (id) ON DELETE SET NULL;
CREATE INDEX players_coach ON players (coach_id);
UPDATE players SET coach_id = (SELECT lead_id FROM teams WHERE teams.id = players.team_id);
-- migrate:down
DROP INDEX players_coach;
ALTER TABLE players DROP COLUMN coach_id;
== 005_remove_matches.sql
-- migrate: irreversible "nobody played"
DROP TABLE matches;
