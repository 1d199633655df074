import assert from "node:assert/strict";
import { test } from "node:test";
import { createQueue, MAX_WAITING, PATIENCE_MS } from "../../../src/internal/queue.ts";
import { afterOn } from "../../../src/testing/clock.ts";
import { fakeClock } from "../../../src/testing/index.ts";

/** A task that ends when told to, and what has started so far. */
function tasks() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  return { started, task, end: (name: string) => ends.get(name)?.() };
}

/** Lets everything happen that needs no time. */
async function settle() {
  for (let i = 0; i < 20; i++) await null;
}

function setup() {
  const clock = fakeClock(0);
  const after = afterOn(clock);
  const waits = { begun: 0, canceled: 0 };
  const queue = createQueue((ms, run) => {
    waits.begun++;
    const cancel = after(ms, run);
    return () => {
      waits.canceled++;
      cancel();
    };
  });
  return { clock, queue, waits, ...tasks() };
}

test("tasks of one line run one after the other, in the order in which they came", async () => {
  const { queue, started, task, end } = setup();
  const runs = ["a", "b", "c"].map((name) => queue("ada", task(name)));
  await settle();
  assert.deepEqual(started, ["a"]);
  end("a");
  await settle();
  assert.deepEqual(started, ["a", "b"]);
  end("b");
  await settle();
  end("c");
  assert.deepEqual(await Promise.all(runs), ["a", "b", "c"]);
});

test("tasks of different lines do not wait for each other", async () => {
  const { queue, started, task } = setup();
  void queue("ada", task("a"));
  void queue("bob", task("b"));
  await settle();
  assert.deepEqual(started, ["a", "b"]);
});

test("32 wait behind the one that runs, the next is refused, and there is room afterwards", async () => {
  const { queue, started, task, end } = setup();
  for (let i = 0; i <= MAX_WAITING; i++) assert.notEqual(queue("ada", task(`${i}`)), null);
  assert.equal(queue("ada", task("too many")), null);
  assert.notEqual(queue("bob", task("bob")), null);
  await settle();
  end("0");
  await settle();
  assert.notEqual(queue("ada", task("last")), null);
  assert.deepEqual(started, ["0", "bob", "1"]);
});

test("a task goes ahead after two seconds behind a task that never ends", async () => {
  const { queue, clock, started, task, end } = setup();
  void queue("ada", task("never ends"));
  const second = queue("ada", task("second"));
  clock.advance((PATIENCE_MS - 1) / 1_000);
  await settle();
  assert.deepEqual(started, ["never ends"]);
  clock.advance(0.001);
  await settle();
  assert.deepEqual(started, ["never ends", "second"]);
  end("second");
  assert.equal(await second, "second");
});

test("a failing task fails only for its caller", async () => {
  const { queue, task, end } = setup();
  const failing = queue("ada", async () => {
    throw new Error("trouble");
  });
  const next = queue("ada", task("next"));
  await assert.rejects(failing ?? Promise.resolve(), /trouble/);
  await settle();
  end("next");
  assert.equal(await next, "next");
});

test("no timer is left behind, and none is set for an empty line", async () => {
  const { queue, waits, task, end } = setup();
  void queue("ada", task("a"));
  await settle();
  assert.equal(waits.begun, 0);
  void queue("ada", task("b"));
  await settle();
  end("a");
  await settle();
  end("b");
  await settle();
  void queue("ada", task("c"));
  await settle();
  assert.deepEqual(waits, { begun: 1, canceled: 1 });
});

test("lines that are empty are forgotten", async () => {
  const { set } = Map.prototype;
  const maps = new Set<Map<unknown, unknown>>();
  Map.prototype.set = function (key, value) {
    maps.add(this);
    return set.call(this, key, value);
  };
  try {
    const queue = createQueue(afterOn(fakeClock(0)));
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => queue(`user ${i}`, async () => {})));
  } finally {
    Map.prototype.set = set;
  }
  assert.deepEqual(
    [...maps].map((map) => map.size),
    [0],
  );
});
