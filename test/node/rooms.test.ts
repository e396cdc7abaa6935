import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

interface File {
  readonly path: string
  readonly text: string
}

const files: readonly File[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('src/crypto/argon2id/kernel'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

/** The static and dynamic imports of a file: paths of this repository, or names of packages. */
const importsOf = ({ path, text }: File): string[] =>
  [...text.matchAll(/^(?:import|export) [^'"`]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : packageOf(name)))

const packageOf = (name: string): string =>
  name.startsWith('node:') || name.startsWith('cloudflare:') ? name : (/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)

/** The table of docs/architecture.md: each room, and what it may import. */
const rows = [...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(
  ([, room = '', cell = '']) => ({ room, imports: cell.split(/[,;]/).map((name) => name.trim()) }),
)
const rooms = rows.map(({ room }) => room)

/** The longest name of a room with which a path begins. A package is its own room. */
const roomOf = (path: string): string => {
  const inside = path.replace(/^src\//, '')
  const found = rooms.filter((room) => inside === room || inside.startsWith(`${room}/`))
  return found.sort((a, b) => b.length - a.length)[0] ?? path
}

/** Every import that leaves its room. */
const arrows = files.flatMap((file) =>
  importsOf(file).map((imported) => ({ file: file.path, room: roomOf(file.path), to: roomOf(imported), imported })),
)

describe('rooms', () => {
  it('are all in the table, and each has a README.md', () => {
    expect([...new Set(files.map(({ path }) => roomOf(path)))].sort()).toEqual([...rooms].sort())
    const withoutReadme = rooms
      .filter((room) => !room.endsWith('.ts'))
      .filter((room) => !readdirSync(join('src', room)).includes('README.md'))
    expect(withoutReadme).toEqual([])
  })

  it('each have a README.md that names the file to begin with', () => {
    const withoutBeginning = rooms
      .filter((room) => !room.endsWith('.ts'))
      .filter((room) => {
        const readme = readFileSync(join('src', room, 'README.md'), 'utf8')
        const [, first = ''] = /\bBegin with `([^`]+\.ts)`/.exec(readme) ?? []
        return !files.some(({ path }) => path === join('src', room, first))
      })
    expect(withoutBeginning).toEqual([])
  })

  it.each(rows)('$room imports what its row names, and nothing else', ({ room, imports }) => {
    const strangers = arrows
      .filter((arrow) => arrow.room === room && arrow.to !== room && !imports.includes(arrow.to))
      .filter(({ to }) => !(imports.includes('and any library') && !rooms.includes(to)))
    expect(strangers.map(({ file, imported }) => `${file} -> ${imported}`)).toEqual([])
    const used = new Set(arrows.filter((arrow) => arrow.room === room).map(({ to }) => to))
    expect(imports.filter((name) => !used.has(name) && name !== 'nothing' && name !== 'and any library')).toEqual([])
  })

  it('have no cycle, at any depth of folders', () => {
    const edges = new Map<string, Set<string>>()
    for (const file of files) {
      const targets = importsOf(file)
        .filter((name) => name.startsWith('src/'))
        .map(placeOf)
      const own = placeOf(file.path)
      edges.set(own, new Set([...(edges.get(own) ?? []), ...targets.filter((to) => to !== own)]))
    }
    expect(findCycle(edges)).toBeUndefined()
  })

  it('keep the ways to sign in apart: none imports another', () => {
    const ways = readdirSync('src/sign-in', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `src/sign-in/${name}`)
    const wayOf = (path: string) => ways.find((way) => path.startsWith(`${way}/`))
    const crossing = files.flatMap((file) => {
      const own = wayOf(file.path)
      const imported = own === undefined ? [] : importsOf(file)
      const foreign = imported.filter((path) => ![undefined, own].includes(wayOf(path)))
      return foreign.map((path) => `${file.path} -> ${path}`)
    })
    expect(ways).toContain('src/sign-in/password')
    expect(crossing).toEqual([])
  })

  // The scripts of the pages run in browsers, so they are a program of their own.
  const programOf = (path: string): string => (path.startsWith('src/pages/browser/') ? 'pages' : 'service')

  it('give no two things of a program one name', () => {
    const names = files
      .filter(({ path }) => path !== 'src/client/api.ts')
      .flatMap(({ path, text }) =>
        [
          ...new Set(
            [...text.matchAll(/^export (?:async )?(?:const|function\*?|type|interface|class) (\w+)/gm)].map(
              ([, name]) => name ?? '',
            ),
          ),
        ].map((name) => ({ name, path })),
      )
    const twice = [...Map.groupBy(names, ({ name, path }) => `${programOf(path)} ${name}`)]
      .filter(([, places]) => places.length > 1)
      .map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(', ')}`)
    expect(twice).toEqual([])
  })
})

/** A file directly in `src` is its own place. Any other file belongs to its folder. */
function placeOf(path: string): string {
  const folder = dirname(path)
  return folder === 'src' ? path : folder
}

/** @returns the first cycle */
function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (place: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(place)) return [...trail.slice(trail.indexOf(place)), place]
    if (done.has(place)) return undefined
    for (const next of edges.get(place) ?? []) {
      const cycle = walk(next, [...trail, place])
      if (cycle) return cycle
    }
    done.add(place)
    return undefined
  }
  for (const place of edges.keys()) {
    const cycle = walk(place, [])
    if (cycle) return cycle
  }
  return undefined
}
