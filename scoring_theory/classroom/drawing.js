"use strict";
/* Plots as SVG: axes, curves and marks in the coordinates of the data. */
const Drawing = (() => {
  const NAMESPACE = "http://www.w3.org/2000/svg";

  function element(name, attributes, text) {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Round numbers between two numbers, four to eight of them. */
  function ticks(low, high) {
    const rough = (high - low) / 6;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= rough * 0.999);
    const first = Math.ceil(low / step - 1e-9);
    const count = Math.floor(high / step + 1e-9) - first;
    return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  }

  /** An empty plot in a box, whose text keeps its size in a narrow one; `label` says for a screen reader what is seen. */
  function plot(box, { x, y, xLabel, yLabel, label, width: widest = 420, height: highest = 315 }) {
    const width = Math.min(widest, Math.max(290, box.clientWidth || widest));
    const height = (highest * width) / widest;
    const longest = Math.max(...ticks(...y).map((value) => String(value).length));
    const frame = { left: Math.max(58, 30 + 8 * longest), right: 14, top: 12, bottom: 50 };
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    const across = (value) => frame.left + ((value - x[0]) / (x[1] - x[0])) * (width - frame.left - frame.right);
    const up = (value) => height - frame.bottom - ((value - y[0]) / (y[1] - y[0])) * (height - frame.top - frame.bottom);
    const [low, high] = [up(y[0]), up(y[1])];
    for (const value of ticks(...y)) {
      svg.append(element("line", { class: "grid", x1: across(x[0]), x2: across(x[1]), y1: up(value), y2: up(value) }));
      svg.append(element("text", { class: "tick", x: frame.left - 8, y: up(value) + 4.5, "text-anchor": "end" }, String(value)));
    }
    for (const value of ticks(...x)) {
      svg.append(element("text", { class: "tick", x: across(value), y: low + 19, "text-anchor": "middle" }, String(value)));
    }
    svg.append(element("line", { class: "axis", x1: across(x[0]), x2: across(x[1]), y1: low, y2: low }));
    svg.append(element("line", { class: "axis", x1: across(x[0]), x2: across(x[0]), y1: low, y2: high }));
    svg.append(element("text", { x: (across(x[0]) + across(x[1])) / 2, y: height - 10, "text-anchor": "middle" }, xLabel));
    const middle = (low + high) / 2;
    svg.append(element("text", { x: 15, y: middle, "text-anchor": "middle", transform: `rotate(-90 15 ${middle})` }, yLabel));
    box.replaceChildren(svg);

    const inside = (value) => Math.min(Math.max(value, y[0]), y[1]);
    return {
      /** A curve through points; it leaves the plot where it is beyond the y axis. */
      curve(points, name) {
        const d = [];
        let drawn = false;
        points.forEach(([a, b], i) => {
          const beyond = b < y[0] || b > y[1];
          const around = [points[i - 1], points[i + 1]].some((other) => other && other[1] >= y[0] && other[1] <= y[1]);
          if (Number.isNaN(b) || (beyond && !around)) { drawn = false; return; }
          d.push(`${drawn ? "L" : "M"}${across(a).toFixed(2)} ${up(inside(b)).toFixed(2)}`);
          drawn = true;
        });
        svg.append(element("path", { class: `curve ${name}`, d: d.join("") }));
      },
      line(a, b, name) {
        svg.append(element("line", { class: name, x1: across(a[0]), y1: up(inside(a[1])), x2: across(b[0]), y2: up(inside(b[1])) }));
      },
      zone(from, to, name) {
        if (!(to > from)) return;
        svg.append(element("rect", { class: name, x: across(from), width: across(to) - across(from), y: high, height: low - high }));
      },
      dot(a, b, radius, name) {
        svg.append(element("circle", { class: name, cx: across(a), cy: up(b), r: radius }));
      },
      text(a, b, words, anchor = "start") {
        svg.append(element("text", { x: across(a), y: up(b), "text-anchor": anchor }, words));
      },
    };
  }

  /** A range for the y axis: all finite values, but no more than `span` around the largest. */
  function range(values, span = 4) {
    const finite = values.filter(Number.isFinite);
    if (!finite.length) return [-1, 1];
    const high = Math.max(...finite);
    const low = Math.max(Math.min(...finite), high - Math.max(span, 1.2 * Math.abs(high)));
    const room = Math.max(high - low, 1e-9 * Math.abs(high), 1e-12) * 0.06;
    return high - low < 1e-9 * Math.max(1, Math.abs(high)) ? [low - 0.5, high + 0.5] : [low - room, high + room];
  }

  return { plot, range };
})();
