// Pictures for docs/performance.md, drawn by Apache ECharts without a browser.

import { init } from "echarts";

const OURS = "#0b6e4f";
const THEIRS = "#9aa5b1";
const REFERENCE = "#d8dde3";
const INK = "#1f2933";
const LINES = [OURS, "#3366aa", "#b3541e", "#7a4fa3", "#5f6c7b", "#a3324c"];

function svg(width, height, option) {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "sans-serif", color: INK },
    ...option,
  });
  const text = chart.renderToSVGString();
  chart.dispose();
  return `${text}\n`;
}

const colorOf = (name) => (name.startsWith("twinlock") ? OURS : name.endsWith("*") ? REFERENCE : THEIRS);

/** Panels of bars on a logarithmic axis, two in a row; every panel's `values` is by name, in microseconds. */
export function barPanels(panels) {
  const rowHeight = 300;
  const rows = Math.ceil(panels.length / 2);
  const place = (i) => ({ left: i % 2 === 0 ? 120 : 570, top: 44 + Math.floor(i / 2) * rowHeight });
  const sorted = panels.map(({ values }) => Object.entries(values).sort(([, a], [, b]) => b - a));
  return svg(900, rows * rowHeight, {
    title: panels.map(({ title }, i) => ({
      text: title,
      left: place(i).left - 110,
      top: place(i).top - 36,
      textStyle: { fontSize: 14, fontWeight: 600, color: INK },
    })),
    grid: panels.map((_, i) => ({ ...place(i), width: 300, height: rowHeight - 76 })),
    xAxis: panels.map((_, i) => ({
      gridIndex: i,
      type: "log",
      axisLabel: { formatter: (value) => `${value} µs`, fontSize: 10 },
      splitLine: { lineStyle: { color: "#eceff1" } },
    })),
    yAxis: sorted.map((entries, i) => ({
      gridIndex: i,
      type: "category",
      data: entries.map(([name]) => name),
      axisTick: { show: false },
      axisLabel: { fontSize: 11, color: INK },
    })),
    series: sorted.map((entries, i) => ({
      type: "bar",
      xAxisIndex: i,
      yAxisIndex: i,
      barWidth: "62%",
      label: { show: true, position: "right", fontSize: 10, formatter: ({ value }) => value.toPrecision(2) },
      data: entries.map(([name, value]) => ({ value, itemStyle: { color: colorOf(name) } })),
    })),
  });
}

/** Lines over categories; `series` is by name. `want` draws where a bar lies, by name. */
export function lineChart({ title, categories, series, unit, min = 0 }) {
  return svg(900, 360, {
    title: { text: title, left: 10, top: 8, textStyle: { fontSize: 14, fontWeight: 600, color: INK } },
    color: LINES,
    legend: { top: 34, left: 10, textStyle: { color: INK } },
    grid: { left: 60, right: 30, top: 76, bottom: 40 },
    xAxis: { type: "category", data: categories, axisLabel: { color: INK } },
    yAxis: {
      type: "value",
      min,
      name: unit,
      nameTextStyle: { color: INK },
      splitLine: { lineStyle: { color: "#eceff1" } },
    },
    series: Object.entries(series).map(([name, data]) => ({ name, type: "line", symbolSize: 7, data })),
  });
}
