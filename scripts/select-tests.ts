import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'

/** Node tests that read the sources. Each takes about a second. */
export const structureTests = ['comments', 'documents', 'guarded-writes', 'requirements', 'rooms', 'verbs'].map(
  (name) => `test/node/${name}.test.ts`,
)
/** Takes one person from registration to erasure, through most verbs. */
const JOURNEY = 'test/journey.test.ts'
/** The tests of a folder with more files would take longer than half a minute. */
const MOST_FILES = 18

/** Rooms whose tests are not in a folder of the same name. */
export const roomsTestedElsewhere: Readonly<Record<string, readonly string[]>> = {
  'src/app': ['test/http/loaded-later.test.ts', 'test/http/route-files.test.ts'],
  'src/cli': ['test/node/latchkey.test.ts'],
  'src/idempotency': ['test/http/idempotency.test.ts'],
  'src/runtime': ['test/config.test.ts'],
}

interface Sources {
  /** Every test file, as a path from the root of the repository. */
  readonly tests: readonly string[]
  /** Test files that take more than ten seconds. */
  readonly slow: ReadonlySet<string>
}

export interface Selection {
  readonly run: readonly string[]
  /** Slow tests of the changed rooms. */
  readonly leftOut: readonly string[]
}

/**
 * Chooses the tests to run after a change: those of the changed rooms, and those about the structure of all
 * sources.
 * @param changed paths from the root of the repository
 */
export function selectTests(changed: readonly string[], { tests, slow }: Sources): Selection {
  const files = changed.flatMap(withVerbs)
  const near = new Set(files.flatMap((file) => findNear(file, tests)))
  const rooms = new Set(files.flatMap((file) => findRoom(file, tests)))
  const journey = files.some((file) => file.startsWith('src/') && !file.startsWith('src/cli/')) ? [JOURNEY] : []
  const found = [...new Set([...structureTests, ...journey, ...near, ...rooms])].filter((path) => tests.includes(path))
  const isLeftOut = (path: string) => slow.has(path) && !changed.includes(path)
  return { run: found.filter((path) => !isLeftOut(path)), leftOut: found.filter(isLeftOut) }
}

/** A route calls one verb of another room, whose tests send the requests. */
function withVerbs(path: string): string[] {
  if (!path.startsWith('src/http/routes/') || !existsSync(path)) return [path]
  return [path, ...importsOf(path).filter((name) => !/^src\/(?:http|core|rate-limits|storage)\//.test(name))]
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, name = '']) =>
    normalize(join(dirname(path), name)),
  )

/** The test itself, the test of the same name, and tests that import the file. */
function findNear(path: string, tests: readonly string[]): string[] {
  const mirrored = path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
  return tests.filter((test) => test === path || test === mirrored || importsOf(test).includes(path))
}

/** The tests in the innermost folder of `test` whose name matches a folder around the file. */
function findRoom(path: string, tests: readonly string[]): readonly string[] {
  if (!path.startsWith('src/')) return []
  for (let folder = dirname(path); folder.includes(sep); folder = dirname(folder)) {
    const listed = roomsTestedElsewhere[folder]
    if (listed !== undefined) return listed
    const inside = tests.filter((test) => test.startsWith(`${folder.replace(/^src/, 'test')}/`))
    if (inside.length > 0) return inside.length <= MOST_FILES ? inside : []
  }
  return []
}
