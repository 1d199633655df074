/** The picture of ../guessing.md: yearly odds against policy, as dots on a logarithmic scale. */

import * as echarts from "echarts";
import { LIMIT, POLICIES, plotted, spoken } from "./tables.ts";

const COLORS = { accepted: "#1a7f5a", refused: "#b45309", elsewhere: "#b42318" };
const INK = "#1f2937";
const FAINT = "#d6dae1";
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export function drawPolicies(): string {
  const [first, last] = [POLICIES[0], POLICIES.at(-1)];
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 860, height: 400 });
  const label = { fontFamily: FONT, fontSize: 13, color: INK };
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    aria: { enabled: false },
    title: {
      text: "Odds that guessing an app code succeeds within a year",
      subtext: "one account, an attacker who has the password; logarithmic scale",
      left: 16,
      top: 12,
      textStyle: { ...label, fontSize: 16, fontWeight: 600 },
      subtextStyle: { ...label, color: "#6b7280" },
    },
    grid: { left: 320, right: 70, top: 80, bottom: 44 },
    xAxis: {
      type: "log",
      min: 0.00001,
      max: 1,
      axisLabel: { ...label, formatter: spoken },
      splitLine: { lineStyle: { color: FAINT } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: POLICIES.map(({ name }) => name),
      axisLabel: { ...label, margin: 14 },
      axisLine: { lineStyle: { color: FAINT } },
      axisTick: { show: false },
    },
    series: [
      {
        type: "scatter",
        symbolSize: 13,
        data: POLICIES.map(({ name, perYear, kind }) => ({
          value: [perYear, name],
          itemStyle: { color: COLORS[kind] },
          label: { position: kind === "accepted" ? "left" : "right" },
        })),
        label: {
          ...label,
          show: true,
          backgroundColor: "#ffffff",
          padding: [1, 3],
          formatter: ({ dataIndex }: { dataIndex: number }) => spoken(POLICIES[dataIndex]?.perYear ?? 0),
        },
      },
      {
        type: "line", // a markLine is not drawn on a logarithmic axis
        symbol: "none",
        z: 1,
        lineStyle: { color: INK, type: "dashed", width: 1 },
        data: [first, last].map((policy) => [LIMIT, policy?.name]),
        endLabel: {
          ...label,
          show: true,
          align: "left",
          offset: [6, -14],
          formatter: "createTwoFactor refuses more →",
        },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg.replace(/(<svg[^>]*>)/, `$1${plotted()}`)}\n`;
}
