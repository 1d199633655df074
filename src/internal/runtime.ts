/** The one place that reaches for what a runtime may have and TypeScript's ES2022 library does not know. */

interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/** A built-in module of Node.js, Deno or Bun, without an import that other runtimes would trip over. */
export function builtin<T>(name: string): T | undefined {
  return (globalThis as unknown as Runtime).process?.getBuiltinModule?.(name) as T | undefined;
}
