import { type Contender, type Http, held, type Operation, type Person } from '../../support/contender.ts'

async function register(http: Http, person: Person): Promise<void> {
  const { text } = await http.send(201, 'POST', '/insert', { json: { text: person.email } })
  person.held.id = JSON.parse(text).id
}

const read: Operation = {
  does: 'one D1 read by primary key',
  run: (http, person) => http.send(200, 'GET', `/read/${held(person, 'id')}`),
}

const insert: Operation = {
  does: 'one D1 insert',
  run: (http, person) => http.send(201, 'POST', '/insert', { json: { text: person.email } }),
}

/** The cost of the platform itself: a service that calls D1 once cannot be much faster. */
export const floor: Contender = {
  name: 'floor',
  title: "the platform's floor",
  configPath: 'bench/contenders/floor/wrangler.toml',
  schema: 'bench/contenders/floor/schema.sql',
  doesNot: 'anything: no one signs in, nothing is checked',
  register,
  signIn: async () => undefined,
  operations: { register: insert, refresh: insert, update: insert, profile: read, session: read },
}
