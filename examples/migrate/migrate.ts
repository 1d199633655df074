/** Brings everybody along from an old system, or seals every record again: see README.md beside this file. */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { createTwoFactor, TwoFactorError, type TwoFactorEvent, type TwoFactorOptions } from "twinlock";
import { lookAtAll } from "./loop.ts";
import { noMark, openMark } from "./mark.ts";

/** What the module named by `--host` exports. */
export interface Host {
  options: TwoFactorOptions;
  /** How many ids there are; for the progress bar. */
  count(): Promise<number> | number;
  /** All ids in an order that stays, from after the given one, or from the first. */
  ids(after: string | null): AsyncIterable<string> | Iterable<string>;
  /** Closes what keeps the process alive, such as a pool of connections. */
  close?(): Promise<void> | void;
}

function optionsOf(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: "string" },
      mark: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      rewrap: { type: "boolean", default: false },
    },
  });
  const { host, rewrap, mark = rewrap ? "rewrap.mark" : "migrate.mark" } = values;
  if (!host) throw new TypeError("--host: want a module that exports options, count and ids");
  return { host: pathToFileURL(resolve(host)).href, mark, rewrap, dryRun: values["dry-run"] };
}

/** The same options for a run that reads everything, writes nothing and tells nobody. */
function dry(options: TwoFactorOptions): TwoFactorOptions {
  const { store } = options;
  return {
    ...options,
    store: { get: (id) => store.get(id), compareAndSet: async () => true },
    onEvent: undefined,
  };
}

/** Looks at everybody; prints who was skipped and why, and how many were not. */
async function migrate(
  host: Host,
  { mark: path, rewrap, dryRun }: ReturnType<typeof optionsOf>,
): Promise<boolean> {
  const options = dryRun ? dry(host.options) : host.options;
  const tally = new Map<string, number>();
  const onEvent = (event: TwoFactorEvent) => {
    tally.set(event.type, (tally.get(event.type) ?? 0) + 1);
    if (event.skippedCodes) mark.skip(event.userId, `backup codes left behind: ${event.skippedCodes}`);
    return options.onEvent?.(event);
  };
  const twoFactor = createTwoFactor({ ...options, onEvent });
  const mark = dryRun ? noMark() : openMark(path, rewrap ? "rewrap" : "import");
  const bar = new SingleBar({
    format: "{bar} {percentage} % | {value} of {total} | {skipped} skipped | {eta_formatted}",
  });
  bar.start(await host.count(), mark.seen, { skipped: mark.skipped.size });
  try {
    const onProgress = (seen: number) => bar.update(seen, { skipped: mark.skipped.size });
    await lookAtAll({
      ids: host.ids(mark.after),
      one: rewrap ? twoFactor.rewrap : twoFactor.status,
      mark,
      onProgress,
    });
  } finally {
    bar.stop();
  }
  for (const [id, reason] of mark.skipped) console.log(JSON.stringify({ id, reason }));
  const done = tally.get(rewrap ? "rewrapped" : "imported") ?? 0;
  console.error(
    `${done} ${rewrap ? "re-sealed" : "imported"}${dryRun ? " in the dry run" : ""}, ${mark.skipped.size} reported`,
  );
  mark.end();
  return mark.skipped.size === 0;
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  const host: Host = await import(options.host);
  try {
    return (await migrate(host, options)) ? 0 : 1;
  } finally {
    await host.close?.();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error("stopped:", error instanceof TwoFactorError ? error.code : error);
  return 2;
});
