/**
 * Compiles WebAssembly in Node. The types of Workers declare `Module` abstract, because workerd does not
 * allow this.
 */
export function compileWasm(bytes: Uint8Array): WebAssembly.Module {
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module
  return new Module(bytes)
}
