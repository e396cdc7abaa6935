#!/usr/bin/env node
// The command `latchkey`. It needs the Node of this repository (the development dependency `node`), which
// runs TypeScript directly. An older Node on the PATH starts that one, so only this file is plain JavaScript.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'

const node = findNode()
if (node === undefined) {
  process.stderr.write('Node of this repository is not installed: npm ci\n')
  process.exitCode = 1
} else if (node === realpathSync(process.execPath)) {
  const { runLatchkey } = await import('./main.ts')
  await runLatchkey(process.argv.slice(2))
} else {
  startAgain(node)
}

/** @returns {string | undefined} */
function findNode() {
  try {
    const require = createRequire(import.meta.url)
    const { bin } = require('node/package.json')
    return realpathSync(join(require.resolve('node/package.json'), '..', bin.node))
  } catch {
    return undefined
  }
}

/** @param {string} node */
function startAgain(node) {
  const child = spawn(node, [import.meta.filename ?? process.argv[1], ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal))
  }
  child.once('error', (error) => {
    process.stderr.write(`Could not finish: ${error.message}\n`)
    process.exitCode = 1
  })
  child.once('close', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  })
}
