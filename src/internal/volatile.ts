/** Marks stores that lose everything when the process ends, for a configuration warning. */

const volatile = /* @__PURE__ */ new WeakSet<object>();

/** Remembers that a store is volatile. */
export function markVolatile<Store extends object>(store: Store): Store {
  volatile.add(store);
  return store;
}

export function isVolatile(store: object): boolean {
  return volatile.has(store);
}
