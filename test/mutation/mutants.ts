import { parseSync } from 'vite'

export interface Range {
  readonly start: number
  readonly end: number
}

/** A change of the source that a test should notice. */
export interface Mutant extends Range {
  readonly replacement: string
  /** The expression or statement that the change is a part of. */
  readonly within: Range
  readonly isStatement: boolean
  /** Evaluated once, when the module is imported. */
  readonly isStatic: boolean
}

interface Node extends Range {
  readonly type: string
  readonly [member: string]: unknown
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '&&': '||',
  '||': '&&',
}

/** Changes of the text of an SQL template: a guard widened, a term removed, a comparison shifted. */
const SQL_CHANGES: readonly (readonly [RegExp, string])[] = [
  [/\bWHERE\b/g, 'WHERE 1 OR'],
  [/\bAND\b(?! EXISTS\b)/g, 'OR'],
  [/\bNOT EXISTS\b/g, 'EXISTS'],
  [/\bIS NULL\b/g, 'IS NOT NULL'],
  [/\bIS NOT NULL\b/g, 'IS NULL'],
  // Not those of SET, because only the parser of SQL would notice.
  [/(?<=(?:^\s*|\b(?:WHERE|AND|OR|ON|WHEN|NOT)\s+|\()[\w.]+) = /g, ' <> '],
  [/ <> /g, ' = '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ \+ 1\b/g, ' + 2'],
  [/\bOR IGNORE\b/g, ''],
]

/** Every mutant of a TypeScript module, in the order of its text. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const mutants: Mutant[] = []
  visit(parseSync(file, source, { lang: 'ts' }).program as unknown as Node, true, (node, isStatic) => {
    const isStatement = node.type === 'ExpressionStatement'
    const replace: Replace = ({ start, end }, replacement, within = node) =>
      mutants.push({ start, end, replacement, within, isStatement, isStatic })
    mutateExpression(node, source, replace)
    mutateStatement(node, replace)
    if (node.type === 'TaggedTemplateExpression' && nodeOf(node.tag)?.name === 'sql') mutateSql(node, source, replace)
  })
  return mutants.sort((a, b) => a.start - b.start)
}

/** The text of a range of the source, by default all of it, with the mutant in it. */
export const apply = (
  source: string,
  { start, end, replacement }: Mutant,
  range: Range = { start: 0, end: source.length },
): string => source.slice(range.start, start) + replacement + source.slice(end, range.end)

type Replace = (range: Range, replacement: string, within?: Range) => void

function mutateExpression(node: Node, source: string, replace: Replace): void {
  const text = ({ start, end }: Node) => source.slice(start, end)
  if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') {
    const [left, right, other] = [nodeOf(node.left), nodeOf(node.right), OPERATORS[String(node.operator)]]
    if (left && right && other) replace(node, `${text(left)} ${other} ${text(right)}`)
  }
  if (node.type === 'UnaryExpression' && node.operator === '!') replace({ start: node.start, end: node.start + 1 }, '')
  if (node.type === 'Literal' && typeof node.value === 'boolean') replace(node, String(!node.value))
  if (node.type === 'Literal' && typeof node.value === 'number') replace(node, String(node.value + 1))
}

function mutateStatement(node: Node, replace: Replace): void {
  const test = nodeOf(node.test)
  if (test && (node.type === 'IfStatement' || node.type === 'ConditionalExpression'))
    for (const always of ['true', 'false']) replace(test, always, test)
  const isEffect = nodeOf(node.expression)?.type === 'CallExpression'
  if (node.type === 'ExpressionStatement' && isEffect) replace(node, '')
}

function mutateSql(node: Node, source: string, replace: Replace): void {
  for (const quasi of (nodeOf(node.quasi)?.quasis ?? []) as (Node & { value: { raw: string } })[]) {
    const { raw } = quasi.value
    // The quasi may start with its delimiter.
    const start = source.indexOf(raw, quasi.start)
    for (const [pattern, replacement] of SQL_CHANGES)
      for (const match of raw.matchAll(pattern))
        replace({ start: start + match.index, end: start + match.index + match[0].length }, replacement)
  }
}

function visit(node: Node, isStatic: boolean, see: (node: Node, isStatic: boolean) => void): void {
  // Types have no behaviour.
  if (node.type.startsWith('TS') && !/^TS(As|NonNull|Satisfies)/.test(node.type)) return
  see(node, isStatic)
  const isInnerStatic = isStatic && !/Function/.test(node.type)
  for (const member of Object.values(node))
    for (const child of Array.isArray(member) ? member : [member]) {
      const inner = nodeOf(child)
      if (inner) visit(inner, isInnerStatic, see)
    }
}

const nodeOf = (value: unknown): Node | undefined =>
  typeof value === 'object' && value !== null && 'type' in value ? (value as Node) : undefined
