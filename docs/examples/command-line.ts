// A command-line client that stays signed in between runs, with the typed client of this repository.
//
//   export LATCHKEY=http://localhost:8787
//   echo "$PASSWORD" | node docs/examples/command-line.ts sign-in ada@example.com
//   node docs/examples/command-line.ts whoami
//   node docs/examples/command-line.ts sign-out
//
// If the account needs two factors, `sign-in` takes a code of the authenticator app: export TOTP=123456
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createClient } from '../../src/client/client.ts'
import { isProblem } from '../../src/client/problem.ts'
import type { StoredSession } from '../../src/client/session.ts'

const file = process.env.SESSION_FILE ?? join(homedir(), '.config', 'latchkey-example', 'session.json')

// For a week the refresh token is as powerful as the password, so only the owner may read the file.
const store = {
  load: (): StoredSession | undefined => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined),
  save(session: StoredSession | undefined) {
    if (session === undefined) return rmSync(file, { force: true })
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, JSON.stringify(session), { mode: 0o600 })
  },
}

const { LATCHKEY: origin = 'http://localhost:8787', TOTP } = process.env
const client = createClient({
  origin,
  store,
  // A code works once, so a rejected one is not sent again.
  secondFactor: ({ rejected }) => (TOTP === undefined || rejected > 0 ? undefined : { totp: TOTP }),
})
const [command, email = ''] = process.argv.slice(2)

try {
  if (command === 'sign-in')
    await client.call('login', { body: { email, password: (await text(process.stdin)).trimEnd() } })
  else if (command === 'whoami') process.stdout.write(`${(await client.call('getMe')).email}\n`)
  else if (command === 'sign-out') await client.signOut()
  else throw new Error('sign-in EMAIL, whoami or sign-out?')
} catch (error) {
  const advice = isProblem(error, 'invalid_refresh_token') ? ' Sign in first.' : ''
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}.${advice}\n`)
  process.exitCode = 1
}
