import './compiled-wasm.ts'
import { argon2id, argon2Verify } from 'hash-wasm'
import { Hono } from 'hono'
import { type JwtVariables, jwt, sign } from 'hono/jwt'

interface Env {
  readonly DB: D1Database
  readonly JWT_SECRET: string
}

const TOKEN_SECONDS = 15 * 60

// The result of a typical tutorial: Hono, hash-wasm, one table, a signed token. The cost of a hash is that of
// Latchkey.
const app = new Hono<{ Bindings: Env; Variables: JwtVariables<{ sub: string }> }>()

app.use('/me', (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: 'HS256' })(c, next))

app.post('/register', async (c) => {
  const { email, password } = await c.req.json<{ email: string; password: string }>()
  const id = crypto.randomUUID()
  await c.env.DB.prepare('INSERT INTO users (id, email, password_hash, created_at) VALUES (?, ?, ?, ?)')
    .bind(id, email, await hash(password), Date.now())
    .run()
  return c.json({ id }, 201)
})

app.post('/login', async (c) => {
  const { email, password } = await c.req.json<{ email: string; password: string }>()
  const user = await c.env.DB.prepare('SELECT id, password_hash FROM users WHERE email = ?')
    .bind(email)
    .first<{ id: string; password_hash: string }>()
  if (user === null || !(await argon2Verify({ password, hash: user.password_hash }))) return c.json({}, 401)
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS
  return c.json({ access_token: await sign({ sub: user.id, exp }, c.env.JWT_SECRET, 'HS256') })
})

app.get('/me', async (c) => {
  const user = await c.env.DB.prepare('SELECT id, email, name, created_at FROM users WHERE id = ?')
    .bind(c.var.jwtPayload.sub)
    .first()
  return c.json(user)
})

app.put('/me', async (c) => {
  const { name } = await c.req.json<{ name: string }>()
  const user = await c.env.DB.prepare('UPDATE users SET name = ? WHERE id = ? RETURNING id, email, name, created_at')
    .bind(name, c.var.jwtPayload.sub)
    .first()
  return c.json(user)
})

export default app

function hash(password: string): Promise<string> {
  return argon2id({
    password,
    salt: crypto.getRandomValues(new Uint8Array(16)),
    memorySize: 19_456,
    iterations: 2,
    parallelism: 1,
    hashLength: 32,
    outputType: 'encoded',
  })
}
