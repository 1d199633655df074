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
