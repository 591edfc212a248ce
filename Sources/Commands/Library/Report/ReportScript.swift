/// The program in a report that draws its curves: plain JavaScript, which loads nothing and takes the figures from the
/// element `figures` of the page.
enum ReportScript {
    static let text = #"""
        "use strict";
        const runs = JSON.parse(document.getElementById("figures").textContent);
        const ways = {
          step: "steps", tokens: "tokens of text", multiplyAccumulates: "multiply-accumulates", seconds: "seconds",
        };
        const choice = { x: "step", logarithmic: false };
        const height = 340, margin = { left: 56, right: 16, top: 12, bottom: 42 };

        // 1200000 as 1.2M; small numbers as they are.
        function short(value) {
          const units = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]];
          for (const [unit, letter] of units) {
            const divisor = letter === "k" ? 1e3 : unit;
            if (Math.abs(value) >= unit) return String(+(value / divisor).toPrecision(3)) + letter;
          }
          return String(+value.toPrecision(4));
        }

        function element(name, attributes, text) {
          const made = document.createElementNS("http://www.w3.org/2000/svg", name);
          for (const key in attributes) made.setAttribute(key, attributes[key]);
          if (text !== undefined) made.textContent = text;
          return made;
        }

        // Maps the values from low to high to the pixels from `start` to `end`.
        function axis(low, high, start, end, logarithmic) {
          const of = logarithmic ? Math.log : (value) => value;
          const span = of(high) - of(low) || 1;
          const place = (value) => start + (of(value) - of(low)) / span * (end - start);
          return { low, high, place, logarithmic };
        }

        // Round values on an axis, about as many as asked for.
        function ticks(scale, count) {
          const { low, high } = scale, found = [];
          if (scale.logarithmic) {
            for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10)
              for (const part of [1, 2, 5]) found.push(decade * part);
            const inside = found.filter((value) => value >= low && value <= high * 1.0001);
            const decades = inside.filter((value) => Number.isInteger(+Math.log10(value).toFixed(6)));
            return inside.length > count && decades.length > 1 ? decades : inside;
          }
          const rough = (high - low || 1) / count, decade = 10 ** Math.floor(Math.log10(rough));
          const step = [1, 2, 5, 10].map((part) => part * decade).find((value) => value >= rough);
          for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1)
            found.push(index * step);
          return found;
        }

        // The curves of a chart, each a list of [x, y] with its run; what x has no value for is left out.
        function curves(chart) {
          const made = [];
          runs.forEach((run, index) => {
            for (const kind of chart.kinds) {
              const part = run[kind.part], ys = part[kind.key], xs = part[choice.x];
              const points = xs.map((x, at) => [x, ys[at] * (kind.factor || 1)])
                .filter(([x]) => !choice.logarithmic || x > 0);
              if (points.length > 0) made.push({ run, index, kind, points: kind.noisy ? smooth(points) : points });
            }
          });
          return made;
        }

        // The means of neighbours, for a curve that is all noise.
        function smooth(points) {
          const size = Math.ceil(points.length / 100), made = [];
          for (let first = 0; first < points.length; first += size) {
            const part = points.slice(first, first + size);
            made.push([part[part.length - 1][0], part.reduce((sum, [, y]) => sum + y, 0) / part.length]);
          }
          return made;
        }

        // The range of y. Of a training loss the first steps, which fall steeply, may leave the top.
        function range(chart, all) {
          const seen = all.flatMap(({ kind, points }) =>
            points.slice(kind.steep ? Math.ceil(points.length / 50) : 0).map(([, y]) => y));
          const high = Math.max(...seen), low = chart.fromZero ? 0 : Math.min(...seen);
          const space = (high - low || Math.abs(high) || 1) * 0.06;
          return [chart.fromZero ? 0 : low - space, high + space];
        }

        function draw(chart) {
          const all = curves(chart);
          chart.box.replaceChildren();
          if (all.length === 0) {
            chart.box.textContent = "There is nothing to draw: no run has these figures.";
            return;
          }
          const width = Math.max(300, chart.box.clientWidth || 680);
          const xs = all.flatMap(({ points }) => [points[0][0], points[points.length - 1][0]]);
          const right = width - margin.right, bottom = height - margin.bottom;
          const [first, last] = [choice.logarithmic ? Math.min(...xs) : 0, Math.max(...xs) * 1.01];
          const x = axis(first, last, margin.left, right, choice.logarithmic);
          const [low, high] = range(chart, all);
          const y = axis(low, high, bottom, margin.top, false);
          const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": chart.title });
          const clip = element("clipPath", { id: "clip-" + chart.name });
          clip.append(element("rect", { x: margin.left, y: margin.top, width: right - margin.left, height: bottom - margin.top }));
          svg.append(clip);
          for (const value of ticks(y, 6)) {
            svg.append(element("path", { d: `M${margin.left} ${y.place(value)}H${right}`, stroke: "var(--grid)" }));
            svg.append(element("text", { x: margin.left - 8, y: y.place(value) + 4, "text-anchor": "end" }, short(value)));
          }
          for (const value of ticks(x, width < 500 ? 4 : 8))
            svg.append(element("text", { x: x.place(value), y: bottom + 18, "text-anchor": "middle" }, short(value)));
          svg.append(element("text", { x: (margin.left + right) / 2, y: height - 6, "text-anchor": "middle" }, ways[choice.x]));
          for (const curve of all) svg.append(...lines(curve, x, y, chart));
          const mark = element("path", { stroke: "var(--faint)", "stroke-dasharray": "2 3", fill: "none" });
          svg.append(mark);
          svg.addEventListener("pointermove", (event) => read(chart, all, x, event, svg, mark, width));
          svg.addEventListener("pointerleave", () => { mark.removeAttribute("d"); chart.reading.textContent = ""; });
          chart.box.append(svg);
        }

        // A curve as a line; one of few points has them marked, and one of a single point is seen at all.
        function lines({ index, kind, points }, x, y, chart) {
          const colour = `var(--c${index % 7})`;
          const path = points.map(([px, py]) => x.place(px).toFixed(1) + "," + y.place(py).toFixed(1)).join(" ");
          const look = {
            points: path, fill: "none", stroke: colour, "stroke-width": kind.thin ? 1.2 : 2.2, "stroke-linejoin": "round",
            "clip-path": `url(#clip-${chart.name})`, opacity: kind.thin ? 0.6 : 1,
          };
          if (index >= 7) look["stroke-dasharray"] = "6 3";
          const made = [element("polyline", look)];
          if (points.length <= 40 && !kind.thin || points.length === 1)
            for (const [px, py] of points)
              made.push(element("circle", {
                cx: x.place(px), cy: y.place(py), r: 2.8, fill: colour, "clip-path": `url(#clip-${chart.name})`,
              }));
          return made;
        }

        // Says what the curves have at the place of the pointer.
        function read(chart, all, x, event, svg, mark, width) {
          const box = svg.getBoundingClientRect();
          const at = (event.clientX - box.left) * width / box.width;
          const nearest = ({ points }) => points.reduce((best, point) =>
            Math.abs(x.place(point[0]) - at) < Math.abs(x.place(best[0]) - at) ? point : best);
          const found = all.map((curve) => ({ curve, point: nearest(curve) }));
          const place = x.place(found[0].point[0]);
          mark.setAttribute("d", `M${place} ${margin.top}V${height - margin.bottom}`);
          chart.reading.textContent = found.map(({ curve, point }) =>
            (runs.length > 1 ? curve.run.name + " " : "") + (curve.kind.name ? curve.kind.name + " " : "")
            + short(point[1]) + " at " + short(point[0])).join("; ");
        }

        const charts = [
          { name: "loss", title: "Bits per byte", kinds: [
            { part: "training", key: "bitsPerByte", name: "training", thin: true, steep: true },
            { part: "validation", key: "bitsPerByte", name: "validation" }] },
          { name: "speed", title: "Member tokens per second", fromZero: true,
            kinds: [{ part: "training", key: "memberTokensPerSecond", noisy: true }] },
          { name: "changed", title: "Changed weights in percent", fromZero: true,
            kinds: [{ part: "training", key: "changedFraction", factor: 100 }] },
        ];

        for (const chart of charts) {
          chart.box = document.getElementById(chart.name);
          chart.reading = document.createElement("p");
          chart.reading.className = "reading faint";
          chart.box.after(chart.reading);
        }

        function legend() {
          const list = document.getElementById("legend");
          runs.forEach((run, index) => {
            const entry = document.createElement("li"), sign = element("svg", { viewBox: "0 0 26 10" });
            const look = { d: "M0 5H26", stroke: `var(--c${index % 7})`, "stroke-width": 3 };
            if (index >= 7) look["stroke-dasharray"] = "6 3";
            sign.append(element("path", look));
            entry.append(sign, run.name);
            list.append(entry);
          });
        }

        function drawAll() { charts.forEach(draw); }
        for (const input of document.querySelectorAll("input[name=x]"))
          input.addEventListener("change", () => { choice.x = input.value; drawAll(); });
        document.getElementById("logarithmic").addEventListener("change", (event) => {
          choice.logarithmic = event.target.checked;
          drawAll();
        });
        let known = 0;
        new ResizeObserver(([entry]) => {
          if (Math.abs(entry.contentRect.width - known) < 1) return;
          known = entry.contentRect.width;
          drawAll();
        }).observe(charts[0].box);
        legend();
        drawAll();

        """#
}
