import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { unstable_readConfig } from 'wrangler'

/**
 * Writes the script of a Worker that counts the calls of the Worker of a wrangler file.
 * @returns its path
 */
export function writeCountedEntry(configPath: string): string {
  const { main } = unstable_readConfig({ config: configPath })
  const worker = resolve(dirname(configPath), main ?? '')
  const wrapper = join(import.meta.dirname, 'counted.ts')
  const path = join(mkdtempSync(join(tmpdir(), 'latchkey-count-')), 'counted.ts')
  writeFileSync(
    path,
    `import worker from ${JSON.stringify(worker)}
import { counted } from ${JSON.stringify(wrapper)}
export default counted(worker)
`,
  )
  return path
}
