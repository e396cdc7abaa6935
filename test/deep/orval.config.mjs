const origin = process.env.LATCHKEY_ORIGIN

export default {
  latchkey: {
    input: { target: `${origin}/openapi.json` },
    output: { target: 'dist/orval/api.ts', client: 'fetch', mode: 'single', headers: true, baseUrl: origin },
  },
}
