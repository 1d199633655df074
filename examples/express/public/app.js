// The pages work without this. It copies, prints, counts down, and shows instants in local time.

/** Selects what a button would have copied, for the browser's own way of copying. */
function select(button) {
  const shown = document.querySelector(button.dataset.shown);
  shown.closest("details")?.setAttribute("open", "");
  getSelection().selectAllChildren(shown);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = !navigator.clipboard; // there is none without HTTPS
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      select(button);
      button.textContent = "Not allowed. It is selected: copy it yourself";
    }
    setTimeout(() => {
      button.textContent = label;
    }, 4000);
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

let timers = [...document.querySelectorAll("[data-seconds-left]")].map((element) => ({
  element,
  endsAt: performance.now() + Number(element.dataset.secondsLeft) * 1000,
}));

function tick() {
  for (const { element, endsAt } of timers) {
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    element.textContent = words(seconds);
    if (seconds > 0) continue;
    if (element.dataset.then === "reload") location.reload();
    const sentence = element.closest("[data-over]");
    if (sentence) sentence.textContent = sentence.dataset.over;
  }
  timers = timers.filter(({ element }) => element.isConnected);
}

if (timers.length > 0) setInterval(tick, 1000);
