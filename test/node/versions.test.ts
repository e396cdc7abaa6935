import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const dependencies = z.record(z.string(), z.string()).default({})
const manifest = z.object({ dependencies, devDependencies: dependencies })
const partialManifest = manifest.partial()
const renovate = z.object({
  packageRules: z.array(z.object({ matchPackageNames: z.array(z.string()).default([]) })),
})
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

// An alias names the version of its target after the last @.
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

  it('makes npm write exact versions, and go on with an older Node, since the tools bring their own', () => {
    const settings = readFileSync('.npmrc', 'utf8')
    expect(settings).toMatch(/^save-exact\s*=\s*true$/m)
    expect(settings).not.toContain('engine-strict')
  })

  it('are updated in groups of packages that are there', () => {
    const { packageRules } = renovate.parse(readJson('renovate.json'))
    const manifests = ['package.json', 'bench/package.json', 'test/deep/package.json'].map((path) =>
      partialManifest.parse(readJson(path)),
    )
    const known = new Set(manifests.flatMap((each) => Object.keys({ ...each.dependencies, ...each.devDependencies })))
    const named = packageRules.flatMap(({ matchPackageNames }) => matchPackageNames)
    expect(named.filter((name) => !known.has(name))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
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
