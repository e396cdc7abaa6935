import { openauth } from './contenders/openauth/contender.ts'
import { startGenerator } from './support/load.ts'
import { measureRound } from './support/measure.ts'
import { openStand } from './support/stand.ts'
await using stand = await openStand([openauth], true)
using generator = startGenerator()
const o=stand.workers.get('openauth')!.origin
for (let i=0;i<3;i++) try { await generator.register({ contender: 'openauth', origin:o, people: 50 }); break } catch (e) { console.log(String(e)) }
for (const operation of ['register','sign-in','refresh','token-check'] as const) 
    console.log(operation, JSON.stringify(await measureRound(stand, generator, { contender: openauth, operation, connections: 50, seconds:1 })))
