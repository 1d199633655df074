// The pages work without this. It copies, prints, counts down, and shows instants in local time.

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const FORMATS = { day: { dateStyle: "medium" }, moment: { dateStyle: "medium", timeStyle: "short" } };

for (const element of document.querySelectorAll("time[data-local]")) {
  const format = new Intl.DateTimeFormat(undefined, FORMATS[element.dataset.local]);
  element.textContent = format.format(new Date(element.dateTime));
}

const UNITS = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

function words(seconds) {
  if (seconds > 60 && seconds < 3600) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;
  }
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, "second"];
  const count = Math.ceil(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const timers = [...document.querySelectorAll("[data-seconds-left]")].map((element) => ({
  element,
  endsAt: performance.now() + Number(element.dataset.secondsLeft) * 1000,
}));

function tick() {
  for (const { element, endsAt } of timers) {
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    element.textContent = words(seconds);
    if (seconds === 0 && element.dataset.then === "reload") location.reload();
  }
}

if (timers.length > 0) setInterval(tick, 1000);
