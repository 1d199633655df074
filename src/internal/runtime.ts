/** Access to built-in modules, and values that are made at their first use. */

interface Runtime {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/**
 * Returns a built-in module of Node.js, Deno or Bun without an import, which would fail on other runtimes. Some runtimes
 * have the function but throw from it: they do not have the module.
 */
export function builtin<T>(name: string): T | undefined {
  try {
    return (globalThis as unknown as Runtime).process?.getBuiltinModule?.(name) as T | undefined;
  } catch {
    return undefined;
  }
}

/** Makes a value at its first use and keeps it, so that loading a module does nothing else. */
export function atFirstUse<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
