import { encode } from 'uqr'

/** Light modules around the code, which readers need (ISO/IEC 18004). */
const BORDER = 4

/** A QR code as a path of SVG: a dark module is `M x y h 1 v 1 h -1 z`. This chunk has the encoder. */
export function drawQr(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { ecc: 'M', border: BORDER })
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
  return { size, path: squares.join('') }
}
