// Times contestants side by side: many short rounds, each in a new random order, so that whatever else the machine
// does falls on all of them alike. Only ratios within a round mean anything; a result is the median of those.

const SLICE_MS = 4;

/** What this process has computed, collecting garbage included: the measure of work that waits for nothing. */
export function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** What the clock on the wall says: the measure of work that waits for a server. */
export function wallTime() {
  return Number(process.hrtime.bigint());
}

/**
 * Times every job once a round. A job is a function of the number of turns, so that each has a loop of its own.
 * Gives nanoseconds a turn, an array by job, a number by round.
 */
export async function race(jobs, { rounds = 31, slice = SLICE_MS, clock = cpuTime } = {}) {
  const entries = Object.entries(jobs);
  const turns = new Map();
  for (const [name, job] of entries) turns.set(name, await turnsFor(job, slice, clock));
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, job] of shuffled(entries)) {
      times[name].push((await timed(job, turns.get(name), clock)) / turns.get(name));
    }
  }
  return times;
}

/** A job whose turn is one call. */
export function calls(run) {
  return (turns) => {
    let last;
    for (let i = 0; i < turns; i++) last = run(i);
    return last;
  };
}

/** A job whose turn is one call that is awaited. */
export function awaited(run) {
  return async (turns) => {
    let last;
    for (let i = 0; i < turns; i++) last = await run(i);
    return last;
  };
}

/** How many times as long `slow` takes as `fast`: the quartiles of the ratios of each round. */
export function ratio(times, slow, fast) {
  return quartiles(times[slow].map((time, round) => time / times[fast][round]));
}

/** How many times as long `slow` takes as whichever of the others is fastest, by their medians. */
export function fastest(times, names) {
  return names.reduce((best, name) => (median(times[name]) < median(times[best]) ? name : best));
}

export function median(values) {
  return quartiles(values).median;
}

export function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const [low, high] = [Math.floor(place), Math.ceil(place)];
    return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

async function timed(job, turns, clock) {
  const start = clock();
  const result = job(turns);
  if (result instanceof Promise) await result;
  return clock() - start;
}

/** Warms a job up, and finds how many turns take about one slice. */
async function turnsFor(job, slice, clock) {
  let turns = 1;
  for (let warm = 0; ; turns *= 2) {
    const took = (await timed(job, turns, clock)) / 1e6;
    warm += took;
    if (took >= slice / 2 && warm >= 25 * slice) return Math.max(1, Math.round((turns * slice) / took));
    if (took >= slice / 2) turns /= 2;
  }
}

function shuffled(list) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
