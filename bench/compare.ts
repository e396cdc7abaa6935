import { contenders } from './contenders/index.ts'
import { operationNames } from './support/contender.ts'
import { startGenerator } from './support/load.ts'
import { measureRound } from './support/measure.ts'
import { openStand } from './support/stand.ts'
await using stand = await openStand(contenders, true)
using generator = startGenerator()
for (const c of contenders) {
  const t = performance.now()
  try {
  await generator.register({ contender: c.name, origin: stand.workers.get(c.name)!.origin, people: 50 })
  console.log(c.name, 'registered', Math.round(performance.now()-t))
  } catch (e) { console.log(c.name, e); continue }
  for (const operation of operationNames) {
    if (!c.operations[operation]) continue
    try {
    await measureRound(stand, generator, { contender: c, operation, connections: 10 }, { seconds: 0.5, rampSeconds: 0.2 })
    console.log(operation, JSON.stringify(await measureRound(stand, generator, { contender: c, operation, connections: 50 }, { seconds: 1, rampSeconds: 0.2 })))
    } catch (e) { console.log(operation, String(e)) }
  }
}
