import jsQR from 'jsqr'
import type { Locator } from 'playwright-core'

interface Pixels {
  readonly bytes: number[]
  readonly width: number
  readonly height: number
}

/**
 * Reads the QR code in a screenshot of an element, as a phone's camera would. The browser decodes the image.
 */
export async function readQr(element: Locator): Promise<string> {
  const png = await element.screenshot()
  const blank = await element.page().context().newPage()
  const pixels = await blank.evaluate<Pixels>(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (character) => character.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const { width, height } = image
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context.drawImage(image, 0, 0)
    return { bytes: [...context.getImageData(0, 0, width, height).data], width, height }
  })()`)
  await blank.close()
  return decode(pixels)
}

function decode({ bytes, width, height }: Pixels): string {
  // The types describe a default export; at run time the CommonJS module has it as a member.
  const read = 'default' in jsQR ? (jsQR.default as typeof jsQR) : jsQR
  const found = read(Uint8ClampedArray.from(bytes), width, height)
  if (found === null) throw new Error('no QR code in the screenshot')
  return found.data
}
