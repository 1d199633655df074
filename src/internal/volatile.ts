/** Which stores lose everything when the process ends: a host may want to hear of it, and nothing else depends on it. */

const volatile = /* @__PURE__ */ new WeakSet<object>();

/** Remembers that a store is volatile. */
export function markVolatile<Store extends object>(store: Store): Store {
  volatile.add(store);
  return store;
}

export function isVolatile(store: object): boolean {
  return volatile.has(store);
}
