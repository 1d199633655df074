/** The built-in modules that a runtime may have. */

interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/** A built-in module of Node.js, Deno or Bun, without an import that other runtimes would trip over. */
export function builtin<T>(name: string): T | undefined {
  return (globalThis as unknown as Runtime).process?.getBuiltinModule?.(name) as T | undefined;
}
