/** The built-in modules that a runtime may have, and what is made no earlier than it is needed. */

interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/**
 * A built-in module of Node.js, Deno or Bun, without an import that other runtimes would trip over. Some runtimes have
 * the function only to throw from it: there the module is missing.
 */
export function builtin<T>(name: string): T | undefined {
  try {
    return (globalThis as unknown as Runtime).process?.getBuiltinModule?.(name) as T | undefined;
  } catch {
    return undefined;
  }
}

/** Makes a value when it is first asked for, and keeps it: loading a module must load and look for nothing more. */
export function atFirstUse<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
