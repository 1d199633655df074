/** One thing that a standard asks for, or one way in which other systems have failed. */
export interface Row {
  /** What the titles of its tests carry. */
  readonly id: string;
  readonly requirement: string;
  /** Where it is written, or where it happened. */
  readonly source: string;
  /** Why it has no test: it does not apply, or we do otherwise. Never both this and a test. */
  readonly without?: string;
  /** What is met only in part, or in another way than one would expect. */
  readonly note?: string;
}

export interface Chapter {
  readonly title: string;
  readonly rows: readonly Row[];
}
