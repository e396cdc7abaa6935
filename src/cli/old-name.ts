// `npm run users:import` and the other script names of version 0.1. They stay for version 0.2 and print the
// new name.

import { runLatchkey } from './main.ts'
import { oldNames } from './old-names.ts'
import { note } from './shared/command-result.ts'

const [old = '', ...words] = process.argv.slice(2)
const command = oldNames.get(old)
if (command === undefined) throw new Error(`there was no npm script ${old}`)
note(`\`npm run ${old}\` goes after version 0.2. The same: npx --no-install latchkey ${command.join(' ')}`)
await runLatchkey([...command, ...words])
