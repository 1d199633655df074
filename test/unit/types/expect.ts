/** What the type tests say: each is an alias that does not compile unless it is true. */

export type Expect<T extends true> = T;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether neither is `any` and each can stand where the other is wanted. */
export type Same<A, B> =
  IsAny<A> extends true
    ? false
    : IsAny<B> extends true
      ? false
      : [A] extends [B]
        ? [B] extends [A]
          ? true
          : false
        : false;

/** Whether A can stand where B is wanted: B, and documented additions. */
export type Extends<A, B> = IsAny<A> extends true ? false : [A] extends [B] ? true : false;

type Call = (...args: never) => unknown;

/** Whether two functions take and give the same; methods compare loosely by themselves. */
export type SameCall<A extends Call, B extends Call> =
  Same<Parameters<A>, Parameters<B>> extends true ? Same<ReturnType<A>, ReturnType<B>> : false;

/** The names of the methods of A that are not the same in B. */
export type Differing<A extends Record<K, Call>, B extends Record<K, Call>, K extends keyof A & keyof B> = {
  [M in K]: SameCall<A[M], B[M]> extends true ? never : M;
}[K];
