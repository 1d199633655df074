/** The loop over all ids: so many at once, each until its record is stored or a reason is known. */

import { TwoFactorError } from "twinlock";
import type { Mark } from "./mark.ts";

const AT_ONCE = 32;

/** An id and a reason. */
type Skipped = readonly [string, string];

export interface Loop {
  ids: AsyncIterable<string> | Iterable<string>;
  /** What is done about each; whoever was done before costs one read. */
  one(id: string): Promise<unknown>;
  mark: Mark;
  onProgress(seen: number): void;
}

/** Looks at everybody. Throws where the store, or the old system for a whole batch, cannot be reached. */
export async function lookAtAll({ ids, one, mark, onProgress }: Loop): Promise<void> {
  let { seen } = mark;
  for await (const batch of batches(ids)) {
    const skipped = await lookAt(batch, one);
    if (skipped.length === AT_ONCE && skipped.every(hadTrouble))
      throw new Error("the old system cannot be asked");
    for (const [id, reason] of skipped) mark.skip(id, reason);
    seen += batch.length;
    mark.move(batch.at(-1) as string, seen);
    onProgress(seen);
  }
  const again = [...mark.skipped].filter(hadTrouble).map(([id]) => id); // it may have passed since
  for await (const batch of batches(again)) {
    for (const id of batch) mark.skipped.delete(id);
    for (const [id, reason] of await lookAt(batch, one)) mark.skip(id, reason);
  }
}

const hadTrouble = ([, reason]: Skipped) => reason === "legacy_unavailable";

/** Looks at each of a batch at once, and gives those who were skipped. */
async function lookAt(batch: readonly string[], one: Loop["one"]): Promise<Skipped[]> {
  const look = async (id: string): Promise<Skipped[]> => {
    try {
      await one(id);
      return [];
    } catch (error) {
      return [[id, reasonOf(error)]];
    }
  };
  return (await Promise.all(batch.map(look))).flat();
}

/** Why somebody could not be taken on: a code and, of what the old system said, the name of the field; never a value. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.message.startsWith("userId: ")) return error.message;
  if (!(error instanceof TwoFactorError) || error.code === "store_unavailable") throw error; // not this person's fault
  const field = error.cause instanceof Error ? error.cause.message.split(":")[0] : undefined;
  return error.code === "legacy_invalid" && field ? `${error.code}: ${field}` : error.code;
}

async function* batches(ids: Loop["ids"]): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const id of ids) {
    if (batch.push(id) < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
