import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const dependencies = z.record(z.string(), z.string()).default({})
const manifest = z.object({ dependencies, devDependencies: dependencies })
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      name: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
})

// An alias names its target's version after the last @.
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/

describe('H7 versions', () => {
  const { dependencies, devDependencies } = manifest.parse(readJson('package.json'))
  const { packages } = lockFile.parse(readJson('package-lock.json'))
  const wanted = Object.entries({ ...dependencies, ...devDependencies })

  it.each(wanted)('%s is pinned (%s)', (_, version) => {
    expect(version).toMatch(EXACT)
  })

  it.each(wanted)('%s is locked at the version asked for (%s)', (name, version) => {
    expect(packages[`node_modules/${name}`]?.version).toBe(version.replace(/^.*@/, ''))
  })

  it('locks exactly one workerd, so that tests and deployments mean the same runtime', () => {
    const installed = Object.entries(packages).filter(([path]) => path.endsWith('node_modules/workerd'))
    expect(new Set(installed.map(([, { version }]) => version)).size).toBe(1)
    expect(installed).toHaveLength(1)
  })

  it('locks the binaries of every platform, without which npm ci refuses the lock file', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    )
    expect(missing).toEqual([])
  })

  it('makes npm write exact versions', () => {
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^save-exact\s*=\s*true$/m)
  })

  it.each(['^1.2.3', '~1.2.3', '1.2', '1.x', '*', 'latest', '>=1.2.3', 'npm:thing@^1.2.3', 'github:a/b'])(
    'would refuse %s',
    (version) => {
      expect(version).not.toMatch(EXACT)
    },
  )
})

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
