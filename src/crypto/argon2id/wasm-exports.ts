type WasmFunction = (...args: number[]) => number

/** Returns the function that a module exports as `name`. @throws Error when there is none */
export function exportedFunction(instance: WebAssembly.Instance, name: string): WasmFunction {
  const value = instance.exports[name]
  if (typeof value !== 'function') throw new Error(`the WebAssembly module exports no function ${name}`)
  return value as WasmFunction
}

/** Returns the linear memory that a module exports. @throws Error when there is none */
export function exportedMemory(instance: WebAssembly.Instance): WebAssembly.Memory {
  const { memory } = instance.exports
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the WebAssembly module exports no memory')
  return memory
}
