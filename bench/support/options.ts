import { parseArgs } from 'node:util'
import { contenders } from '../contenders/index.ts'
import { type Contender, type OperationName, operationNames } from './contender.ts'

/** Rounds with this many connections. */
export interface Level {
  readonly connections: number
  readonly rounds: number
  readonly seconds: number
}

export interface Options {
  readonly contenders: readonly Contender[]
  readonly operations: readonly OperationName[]
  readonly levels: readonly Level[]
  /** Nothing was left out, so the tables and the chart are written to docs. */
  readonly isComplete: boolean
  readonly json: string | undefined
}

const COMPLETE: readonly Level[] = [
  { connections: 50, rounds: 5, seconds: 1 },
  { connections: 10, rounds: 3, seconds: 0.7 },
  { connections: 1, rounds: 3, seconds: 0.7 },
]
const QUICK: readonly Level[] = [{ connections: 50, rounds: 2, seconds: 0.8 }]

/** Reads the command line. @throws Error for an unknown name */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      contender: { type: 'string', multiple: true },
      operation: { type: 'string', multiple: true },
      connections: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  const isPartial = Object.entries(values).some(([name, value]) => name !== 'json' && value !== false)
  return {
    contenders: contenders.filter(
      isAsked(
        values.contender,
        contenders.map(({ name }) => name),
        ({ name }) => name,
      ),
    ),
    operations: operationNames.filter(isAsked(values.operation, operationNames, (name) => name)),
    levels: levels(values.quick ? QUICK : COMPLETE, values),
    isComplete: !isPartial,
    json: values.json,
  }
}

type Numbers = { readonly connections?: string[]; readonly seconds?: string; readonly rounds?: string }

function levels(known: readonly Level[], { connections, seconds, rounds }: Numbers): Level[] {
  const wanted = connections?.map(Number) ?? known.map((level) => level.connections)
  const [usual = { connections: 50, rounds: 3, seconds: 1 }] = known
  return wanted.map((count) => {
    const level = known.find((candidate) => candidate.connections === count) ?? { ...usual, connections: count }
    return {
      ...level,
      ...(seconds !== undefined && { seconds: Number(seconds) }),
      ...(rounds !== undefined && { rounds: Number(rounds) }),
    }
  })
}

function isAsked<T>(asked: string[] | undefined, known: readonly string[], nameOf: (item: T) => string) {
  const stranger = asked?.find((name) => !known.includes(name))
  if (stranger !== undefined) throw new Error(`${stranger} is none of ${known.join(', ')}`)
  return (item: T) => asked === undefined || asked.includes(nameOf(item))
}
