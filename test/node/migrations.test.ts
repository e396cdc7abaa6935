import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { unreviewedStatements } from './migration-review.ts'

describe('the migration check', () => {
  it.each([
    'DROP TABLE users;',
    'drop   table if exists `users`;',
    'CREATE TABLE a (x);\n--> statement-breakpoint\nDrop\n\tTable a;',
    'DROP/* quietly */TABLE users;',
    'DROP -- quietly\nTABLE users;',
    '\n-- reviewed: not on the first line\nDROP TABLE users;',
    "INSERT INTO a VALUES ('--'); DROP TABLE users;",
    '-- reviewed:\nDROP TABLE users;',
  ])('refuses %j', (sql) => {
    expect(unreviewedStatements(sql)).toEqual(['DROP TABLE'])
  })

  it.each([
    'PRAGMA foreign_keys=OFF;',
    'pragma Foreign_Keys = off;',
    'PRAGMA foreign_keys(0);',
    'PRAGMA "foreign_keys" = OFF;',
    'PRAGMA main.foreign_keys = false;',
  ])('refuses %j', (sql) => {
    expect(unreviewedStatements(sql)).toEqual(['foreign_keys=OFF'])
  })

  it.each([
    'CREATE TABLE users (id TEXT PRIMARY KEY) STRICT;',
    'ALTER TABLE users DROP COLUMN nickname;',
    'DROP INDEX users_email;',
    'PRAGMA foreign_keys=ON;',
    'CREATE TABLE droptable (x); -- reviewed',
    '-- reviewed: the table is empty everywhere, release 0.3 stopped writing to it\nDROP TABLE old;',
  ])('accepts %j', (sql) => {
    expect(unreviewedStatements(sql)).toEqual([])
  })
})

describe('migrations/', () => {
  it('contains no destructive statement without a review', () => {
    const files = existsSync('migrations') ? globSync('migrations/**/*.sql') : []
    const refused = files.filter((file) => unreviewedStatements(readFileSync(file, 'utf8')).length > 0)
    expect(refused).toEqual([])
  })
})
