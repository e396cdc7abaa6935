import { env } from 'cloudflare:workers'

type Row = Record<string, string | number | null>

interface AuditRow extends Readonly<Omit<Row, 'detail'>> {
  // biome-ignore lint/suspicious/noExplicitAny: each action has its own details
  readonly detail: any
}

/** Reads the database directly, without the Worker. */
export const rows = async (query: string, ...values: unknown[]): Promise<Row[]> =>
  (
    await env.DB.prepare(query)
      .bind(...values)
      .all<Row>()
  ).results

/** Reads several lists of rows in one call. Each query gets the same values. */
export const rowsOfEach = async (queries: readonly string[], ...values: unknown[]): Promise<Row[][]> =>
  (await env.DB.batch<Row>(queries.map((query) => env.DB.prepare(query).bind(...values)))).map(({ results }) => results)

export async function row(query: string, ...values: unknown[]): Promise<Row> {
  const [only, ...others] = await rows(query, ...values)
  if (only === undefined || others.length > 0) throw new Error('expected exactly one row')
  return only
}

/** Changes the database directly, as an operator or an attacker would. */
export const change = (query: string, ...values: unknown[]) =>
  env.DB.prepare(query)
    .bind(...values)
    .run()

/** The number of rows of each table, by its name. */
export const countsOf = (tables: readonly string[]): Promise<Row> =>
  row(`SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')}`)

export async function countOf(table: string): Promise<number> {
  return Number((await row(`SELECT count(*) AS n FROM ${table}`)).n)
}

/**
 * The counts of wrong passwords and of requests, lowest first. Counts that were taken back are zero. A row of
 * failed sign-ins has two: those in a row, and the recent ones.
 */
export const counts = async (): Promise<number[]> =>
  (
    await rows(`
      SELECT count FROM attempts
      UNION ALL SELECT recent_count FROM attempts WHERE recent_ends_at > 0 ORDER BY count`)
  ).map(({ count }) => Number(count))

/** Audit events of one action, oldest first, with their detail parsed. */
export async function events(action: string): Promise<AuditRow[]> {
  const found = await rows('SELECT * FROM audit_events WHERE action = ? ORDER BY id', action)
  return found.map((event) => ({ ...event, pii_enc: event.pii_enc ?? null, detail: JSON.parse(String(event.detail)) }))
}

export const actions = async (): Promise<string[]> =>
  (await rows('SELECT action FROM audit_events ORDER BY action')).map(({ action }) => String(action))

/** Ids of the users whose data key the vault holds. */
export async function keyOwners(): Promise<string[]> {
  const { objects } = await env.VAULT.list({ prefix: 'keys/' })
  return objects.map(({ key }) => key.slice('keys/'.length)).filter((owner) => !owner.startsWith('system/'))
}

/** Everything that D1 holds, as text. */
export async function databaseText(): Promise<string> {
  const tables = ['users', 'credentials', 'user_profiles', 'sessions', 'attempts', 'audit_events', 'user_roles']
  return JSON.stringify(await rowsOfEach(tables.map((table) => `SELECT * FROM ${table}`)))
}

/** Marks the address of a user as verified, because notices go to verified addresses only. */
export const prove = ({ id }: { readonly id: string }) => change('UPDATE users SET is_verified = 1 WHERE id = ?', id)
