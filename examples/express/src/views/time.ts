/** Instants as people read them. Durations need no time zone, so what expires is told as a duration. */

import { type Html, html } from "./html.ts";

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** "4 minutes", rounded up; counts down where scripts run. */
export function until(at: number, now: number): Html {
  const seconds = Math.max(1, Math.ceil((at - now) / 1000));
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? [1, "second"];
  const count = Math.ceil(seconds / size);
  return html`<span data-seconds-left="${seconds}">${count} ${name}${count === 1 ? "" : "s"}</span>`;
}

const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** "21 November 2026" */
export function day(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${DAY.format(at)}</time>`;
}

/** "21 Nov 2026, 14:32 UTC"; in local time where scripts run. */
export function moment(at: number): Html {
  return html`<time data-local datetime="${new Date(at).toISOString()}">${MOMENT.format(at)} UTC</time>`;
}
