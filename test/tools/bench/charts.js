// Pictures for docs/performance.md, drawn by Apache ECharts without a browser.

import { init } from "echarts";

const OURS = "#0b6e4f";
const THEIRS = "#9aa5b1";
const REFERENCE = "#d08c2e";
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

const short = (value) => (value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2));
const grey = { lineStyle: { color: "#eceff1" } };

/**
 * Panels of points on a logarithmic axis, two in a row. Points and not bars: on such an axis a bar's length means
 * nothing. Every panel's `values` is by name, in microseconds.
 */
export function pointPanels(panels) {
  const rowHeight = 310;
  const alone = panels.length === 1;
  const place = (i) => ({
    left: alone ? 190 : i % 2 === 0 ? 120 : 570,
    top: 48 + Math.floor(i / 2) * rowHeight,
    width: alone ? 640 : 290,
  });
  const sorted = panels.map(({ values }) => Object.entries(values).sort(([, a], [, b]) => b - a));
  return svg(900, Math.ceil(panels.length / 2) * rowHeight, {
    title: panels.map(({ title }, i) => ({
      text: title,
      left: place(i).left - 110,
      top: place(i).top - 38,
      textStyle: { fontSize: 14, fontWeight: 600, color: INK },
    })),
    grid: panels.map((_, i) => ({ ...place(i), height: rowHeight - 84 })),
    xAxis: panels.map((_, i) => ({
      gridIndex: i,
      type: "log",
      axisLabel: { formatter: (value) => `${value} µs`, fontSize: 10 },
      splitLine: grey,
    })),
    yAxis: sorted.map((entries, i) => ({
      gridIndex: i,
      type: "category",
      data: entries.map(([name]) => name),
      axisTick: { show: false },
      splitLine: { show: true, ...grey },
      axisLabel: { fontSize: 11, color: INK },
    })),
    series: sorted.map((entries, i) => ({
      type: "scatter",
      xAxisIndex: i,
      yAxisIndex: i,
      symbolSize: 11,
      label: {
        show: true,
        position: "right",
        fontSize: 10,
        color: INK,
        formatter: ({ value }) => short(value[0]),
      },
      data: entries.map(([name, value]) => ({ value: [value, name], itemStyle: { color: colorOf(name) } })),
    })),
  });
}

/** Lines over categories; `series` is by name. */
export function lineChart({ title, categories, series, log = false }) {
  return svg(900, 380, {
    title: { text: title, left: 10, top: 8, textStyle: { fontSize: 14, fontWeight: 600, color: INK } },
    color: LINES,
    legend: { top: 34, left: 10, textStyle: { color: INK } },
    grid: { left: 60, right: 30, top: 100, bottom: 40 },
    xAxis: { type: "category", data: categories, axisLabel: { color: INK } },
    yAxis: { type: log ? "log" : "value", splitLine: grey },
    series: Object.entries(series).map(([name, data]) => ({ name, type: "line", symbolSize: 7, data })),
  });
}
