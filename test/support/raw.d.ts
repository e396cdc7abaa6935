declare module '*?raw' {
  const text: string
  export default text
}

interface ImportMeta {
  /** Vite: the files that a pattern names, by their paths. */
  readonly glob: (pattern: string, options: object) => Readonly<Record<string, unknown>>
}
