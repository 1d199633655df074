/** Instants as people read them. Durations need no time zone, so what expires is told as a duration. */

import { type Html, html } from "./html.ts";

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** "4 minutes", rounded up. Where scripts run it counts down, quietly for whoever listens. */
export function until(at: number, now: number): Html {
  const seconds = Math.max(1, Math.ceil((at - now) / 1000));
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? UNITS[3];
  const count = Math.ceil(seconds / size);
  return html`<span role="timer" data-seconds-left="${seconds}">${count} ${name}${count === 1 ? "" : "s"}</span>`;
}

/** A sentence with such a time in it, and the sentence that takes its place when the time is over. */
export function countdown(sentence: Html, over: string): Html {
  return html`<span data-over="${over}">${sentence}</span>`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** "21 Nov 2026"; as the person writes it where scripts run. */
export function day(at: number): Html {
  return html`<time data-local="day" datetime="${new Date(at).toISOString()}">${DAY.format(at)}</time>`;
}

/** "21 Nov 2026, 14:32 UTC"; in local time where scripts run. */
export function moment(at: number): Html {
  return html`<time data-local="moment" datetime="${new Date(at).toISOString()}">${MOMENT.format(at)} UTC</time>`;
}
