/** Compiles WebAssembly in Node; the Workers types declare `Module` abstract because workerd forbids this. */
export function compileWasm(bytes: Uint8Array): WebAssembly.Module {
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module
  return new Module(bytes)
}
