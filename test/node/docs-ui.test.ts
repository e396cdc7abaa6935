import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { DOCS_UI_DIRECTORY, stalePackedFiles } from '../../scripts/pack-docs-ui.ts'
import files from '../../src/http/docs-ui/files.json' with { type: 'json' }

it('the packed files of the /docs page are what the pinned swagger-ui-dist contains (H7)', () => {
  expect(stalePackedFiles(DOCS_UI_DIRECTORY)).toEqual([])
  expect(files.swaggerUi).toBe(packageJson.dependencies['swagger-ui-dist'])
})

it('a packed file with another byte in it is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-ui-'))
  cpSync(DOCS_UI_DIRECTORY, folder, { recursive: true })
  const path = join(folder, 'swagger-ui.css.gz')
  const unpacked = gunzipSync(readFileSync(path))
  unpacked.writeUInt8(unpacked.readUInt8(100) ^ 1, 100)
  writeFileSync(path, gzipSync(unpacked))
  rmSync(join(folder, 'favicon-32x32.png.gz'))
  writeFileSync(join(folder, 'LICENSE.swagger-ui'), 'another')
  expect(stalePackedFiles(folder)).toEqual(['swagger-ui.css', 'favicon-32x32.png', 'LICENSE'])
  rmSync(folder, { recursive: true })
})
