import type { ErasureReceipt } from './erasure-receipt.ts'

/** Describes the content of a receipt, one line for each part. */
export const receiptLines = (receipt: ErasureReceipt): string[] => [
  `  basis      ${receipt.basis}`,
  `  requested  ${receipt.requested_at ?? '-'}`,
  `  started    ${receipt.started_at ?? '-'}`,
  `  completed  ${receipt.completed_at ?? '-'}`,
  '  steps',
  ...stepLines(receipt.steps).map((line) => `    ${line}`),
]

/** Formats one line for each step. Steps may be a list or an object with names. */
function stepLines(steps: unknown): string[] {
  if (typeof steps !== 'object' || steps === null) return [JSON.stringify(steps) ?? '-']
  return Object.entries(steps).map(([name, step]) => (Array.isArray(steps) ? fields(step) : `${name}: ${fields(step)}`))
}

function fields(step: unknown): string {
  if (typeof step !== 'object' || step === null) return String(step)
  return Object.entries(step)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ')
}
