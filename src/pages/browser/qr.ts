import { encode } from 'uqr'

const SVG = 'http://www.w3.org/2000/svg'
/** Light modules around the code, which readers need (ISO/IEC 18004). */
const BORDER = 4

/** Draws its attribute `text` as a QR code. This is the only script that needs the encoder. */
class QrCode extends HTMLElement {
  static readonly observedAttributes = ['text']

  attributeChangedCallback(): void {
    const text = this.getAttribute('text') ?? ''
    this.replaceChildren(...(text === '' ? [] : [draw(text)]))
  }
}

/** One path for all dark modules: a row of them is `M x y h 1 v 1 h -1 z`. */
function draw(text: string): SVGElement {
  const { data, size } = encode(text, { ecc: 'M', border: BORDER })
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`)
  const path = document.createElementNS(SVG, 'path')
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
  path.setAttribute('d', squares.join(''))
  svg.append(path)
  return svg
}

customElements.define('qr-code', QrCode)
