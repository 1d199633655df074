/** What outlives a run that is stopped anywhere: how far it came, and who was skipped. */

import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export interface Mark {
  /** Everybody up to this id was looked at; null before the first. */
  after: string | null;
  seen: number;
  /** Ids and reasons. */
  skipped: Map<string, string>;
  skip(id: string, reason: string): void;
  /** Comes after every `skip` of those whom it passes. */
  move(after: string, seen: number): void;
  /** Forgets everything: everybody was looked at. */
  end(): void;
}

/** The mark of a run that writes nothing. */
export function noMark(): Mark {
  const skipped = new Map<string, string>();
  const skip = (id: string, reason: string) => void skipped.set(id, reason);
  return { after: null, seen: 0, skipped, skip, move() {}, end() {} };
}

/** Opens the mark of the work that it belongs to: a run that imports must not go on where one that rewraps stopped. */
export function openMark(path: string, work: string): Mark {
  const list = `${path}.skipped`;
  const found = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { work, after: null, seen: 0 };
  if (found.work !== work) throw new RangeError(`--mark: ${path} is that of another work, ${found.work}`);
  const lines = existsSync(list) ? readFileSync(list, "utf8").split("\n") : [];
  const skipped = new Map<string, string>(lines.flatMap(entryOf));
  return {
    after: found.after,
    seen: found.seen,
    skipped,
    skip(id, reason) {
      skipped.set(id, reason);
      appendFileSync(list, `\n${JSON.stringify([id, reason])}`);
    },
    move(after, seen) {
      writeFileSync(`${path}.new`, JSON.stringify({ work, after, seen }));
      renameSync(`${path}.new`, path); // at once, or not at all
    },
    end() {
      rmSync(path, { force: true });
      rmSync(list, { force: true });
    },
  };
}

/** A line that was cut off is none: whom it named is looked at again, since the mark had not moved. */
function entryOf(line: string): [string, string][] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
