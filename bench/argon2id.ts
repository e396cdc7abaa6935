import { argon2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ARGON2ID_DIRECTORY } from '../scripts/extract-argon2id.ts'
import { compileWasm } from '../test/node/compile-wasm.ts'
import { createHashes, INPUT, type Kernel } from './argon2id/hashes.ts'
import { preciseProcessorMs } from './argon2id/processor-time.ts'
import { print } from './support/print.ts'
import { serveWorker } from './support/serve.ts'
import { median, quantile } from './support/statistics.ts'

// `npm run bench -- argon2id`: computes one hash at the default cost with our own kernel and with hash-wasm,
// in workerd and in Node. The implementations run one after the other in every round, in changing order, so
// that a busy machine slows all of them. Figures are processor time, which includes no waiting. The native
// code of OpenSSL in Node shows how much faster it could be.
const WARM_UP_ROUNDS = 10

type Contender = Kernel | 'openssl'
/** Computes one hash. @returns its tag, in hexadecimal */
type Hash = (contender: Contender) => Promise<string> | string

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } })
const rounds = Number(options.rounds)

await measureWorkerd()
await measureNode()

async function measureWorkerd(): Promise<void> {
  await using worker = await serveWorker({ name: 'argon2id', configPath: 'bench/argon2id/wrangler.toml' })
  const hash: Hash = async (kernel) => (await fetch(`${worker.origin}/${kernel}`)).text()
  await measure('workerd', ['hash-wasm', 'simd'], hash, () => preciseProcessorMs(worker.pid))
}

async function measureNode(): Promise<void> {
  const compile = (name: string) => compileWasm(readFileSync(join(ARGON2ID_DIRECTORY, `${name}.wasm`)))
  const inWasm = createHashes({ argon2: compile('argon2'), blake2b: compile('blake2b'), simd: compile('simd') })
  const hash: Hash = (contender) =>
    contender === 'openssl' ? openssl() : Buffer.from(inWasm(contender)).toString('hex')
  await measure('Node', ['hash-wasm', 'simd', 'openssl'], hash, () => preciseProcessorMs(process.pid))
}

function openssl(): string {
  const { password, salt, memoryKib, iterations, ...others } = INPUT
  const parameters = { ...others, message: password, nonce: salt, memory: memoryKib, passes: iterations }
  return argon2Sync('argon2id', parameters).toString('hex')
}

async function measure(where: string, contenders: Contender[], hash: Hash, processorMs: () => number): Promise<void> {
  const timed = async (contender: Contender) => {
    const before = processorMs()
    const tag = await hash(contender)
    return { tag, ms: processorMs() - before }
  }
  const first: { tag: string; ms: number }[] = []
  for (const contender of contenders) first.push(await timed(contender))
  const tags = new Set(first.map(({ tag }) => tag))
  if (tags.size !== 1) throw new Error(`different tags in ${where}: ${[...tags].join(', ')}`)
  for (let round = 0; round < WARM_UP_ROUNDS; round++) for (const contender of contenders) await hash(contender)
  const samplesMs = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]))
  for (let round = 0; round < rounds; round++) {
    const turn = round % contenders.length
    const inTurn = [...contenders.slice(turn), ...contenders.slice(0, turn)]
    for (const contender of inTurn) samplesMs.get(contender)?.push((await timed(contender)).ms)
  }
  print(`${where}: milliseconds of processor time a hash, ${rounds} rounds`)
  print('          |  first | minimum | median | quartiles    | times as fast as hash-wasm')
  const reference = samplesMs.get('hash-wasm') ?? []
  contenders.forEach((contender, index) => {
    print(line(contender, first[index]?.ms ?? Number.NaN, samplesMs.get(contender) ?? [], reference))
  })
}

/** Ratios compare hashes of the same round, because other work of the machine slows both alike. */
function line(contender: Contender, firstMs: number, ownMs: number[], referenceMs: number[]): string {
  const ratios = ownMs.map((ms, round) => (referenceMs[round] ?? Number.NaN) / ms)
  const columns = [
    contender.padEnd(9),
    firstMs.toFixed(1).padStart(6),
    Math.min(...ownMs)
      .toFixed(1)
      .padStart(7),
    median(ownMs).toFixed(1).padStart(6),
    quartiles(ownMs, 1),
    `${median(ratios).toFixed(2)} (${quartiles(ratios, 2)})`,
  ]
  return columns.join(' | ')
}

function quartiles(values: number[], digits: number): string {
  return `${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)}`
}
