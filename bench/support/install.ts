import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..')

/**
 * Installs the packages of the contenders at the versions of bench/package-lock.json, unless they are
 * installed.
 */
export function installContenders(): void {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts'], { stdio: 'inherit' })
  if (status !== 0) throw new Error("the contenders' packages were not installed")
}
