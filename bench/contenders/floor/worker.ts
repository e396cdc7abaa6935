import { Hono } from 'hono'

interface Env {
  readonly DB: D1Database
}

// The least that a service on this platform does: Hono, and one statement.
const app = new Hono<{ Bindings: Env }>()

app.get('/read/:id', async (c) => {
  const row = await c.env.DB.prepare('SELECT * FROM items WHERE id = ?').bind(c.req.param('id')).first()
  return row === null ? c.notFound() : c.json(row)
})

app.post('/insert', async (c) => {
  const { text } = await c.req.json<{ text: string }>()
  const id = crypto.randomUUID()
  await c.env.DB.prepare('INSERT INTO items (id, text, created_at) VALUES (?, ?, ?)').bind(id, text, Date.now()).run()
  return c.json({ id }, 201)
})

export default app
