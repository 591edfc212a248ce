"""SVG line charts, as text: curves over a linear or logarithmic x, with dashed levels.

A chart has a background of its own and two sets of colours, of which a viewer in dark mode takes the second."""
import html
import math

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 224, 64, 44
# (on white, on dark): each pair has a contrast of at least 4.5 to its background.
COLOURS = [("#0b61d8", "#6cb0ff"), ("#bf2600", "#ff9479"), ("#17723a", "#5fd184"), ("#8a5a00", "#e3b341"),
           ("#7a43d0", "#c6a0ff"), ("#08707a", "#4ecbd6"), ("#b0307f", "#ff8ac8")]
STYLE = ("svg{{--paper:#fff;--ink:#24292f;--faint:#57606a;--grid:#e4e7eb}}{light}"
         "@media (prefers-color-scheme:dark){{svg{{--paper:#0d1117;--ink:#e6edf3;--faint:#a5aeb8;--grid:#2b3139}}{dark}}}"
         "text{{fill:var(--faint)}}.ink{{fill:var(--ink)}}")
LABEL_HEIGHT = 15


def number(value):
    """1e13 for what is long, 250 for what is short."""
    if value == 0 or 0.01 <= value < 100_000:
        return f"{value:g}"
    exponent = math.floor(math.log10(value))
    return f"{value / 10 ** exponent:.3g}e{exponent}"


class Axis:
    """Maps the values from `low` to `high` to 0...1."""

    def __init__(self, low, high, logarithmic):
        self.logarithmic = logarithmic
        self.low, self.high = low, high

    def place(self, value):
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self):
        """Round values: on a linear axis four to nine from 0 on, on a logarithmic one 1, 2 and 5 of each decade."""
        if not self.logarithmic:
            decade = 10 ** math.floor(math.log10(self.high)) if self.high > 0 else 1
            step = next(decade * part for part in (0.1, 0.2, 0.5, 1, 2) if self.high <= decade * part * 9)
            return [step * count for count in range(math.floor(self.high / step) + 1)]
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        wanted = [m * 10 ** d for d in decades for m in (1, 2, 5)]
        return [value for value in wanted if self.low <= value * 1.001 and value <= self.high * 1.001]


def spread(places):
    """Moves labels apart that would overlap; keeps their order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    result = list(places)
    for above, below in zip(order, order[1:]):
        result[below] = max(result[below], result[above] + LABEL_HEIGHT)
    return result


class Drawing:
    """The lines of an SVG file."""

    def __init__(self, title, description):
        def colours(which):
            return "svg{" + "".join(f"--c{i}:{pair[which]};" for i, pair in enumerate(COLOURS)) + "}"

        self.lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">',
            f"<title>{html.escape(title or description, quote=False)}</title>",
            f"<style>{STYLE.format(light=colours(0), dark=colours(1))}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="var(--paper)"/>']

    def line(self, x, y, end, style):
        self.lines.append(f'<path d="M{x:.1f} {y:.1f}H{end:.1f}" style="{style}"/>')

    def text(self, x, y, content, anchor="start", style="", kind=""):
        kind = f' class="{kind}"' if kind else ""
        style = f' style="{style}"' if style else ""
        self.lines.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}{style}>'
                          f"{html.escape(content, quote=False)}</text>")

    def curve(self, points, colour):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.lines.append(f'<polyline points="{path}" style="fill:none;stroke:{colour};stroke-width:2.5"/>')

    def svg(self):
        return "\n".join(self.lines + ["</svg>"]) + "\n"


def chart(curves, levels, x_title, y_title, logarithmic=False, title=""):
    """The SVG of `curves`, (name, [(x, y)], colour index), and `levels`, (name, y)."""
    xs = [x for _, points, _ in curves for x, _ in points]
    ys = [y for _, points, _ in curves for _, y in points] + [y for _, y in levels]
    across = Axis(min(xs) if logarithmic else 0, max(xs), logarithmic and min(xs) < max(xs))
    down = Axis(math.ceil(max(ys) * 2 + 0.01) / 2, math.floor(min(ys) * 2) / 2, False)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def px(x):
        return LEFT + across.place(x) * (right - LEFT)

    def py(y):
        return TOP + down.place(y) * (bottom - TOP)

    drawing = Drawing(title, y_title)
    drawing.text(16, 26, title, style="font-size:15px;font-weight:600", kind="ink")
    drawing.text(16, 48, y_title)
    for half in range(int(down.high * 2), int(down.low * 2) + 1):
        drawing.line(LEFT, py(half / 2), right, "stroke:var(--grid)")
        drawing.text(LEFT - 8, py(half / 2) + 4, f"{half / 2:.1f}", "end")
    for tick in across.ticks():
        drawing.text(px(tick), bottom + 18, number(tick), "middle")
    drawing.text((LEFT + right) / 2, HEIGHT - 8, x_title, "middle")
    labels = [(py(value), f"{name} {value:.2f}", "var(--faint)") for name, value in levels]
    for _, value in levels:
        drawing.line(LEFT, py(value), right, "stroke:var(--faint);stroke-dasharray:4 3")
    named = set()
    for name, points, index in curves:
        colour = f"var(--c{index % len(COLOURS)})"
        drawing.curve([(px(x), py(y)) for x, y in points], colour)
        if name not in named:
            end, last = px(points[-1][0]), points[-1][1]
            if end < right - 8:  # a thin line leads from the end of a short curve to its label
                drawing.line(end + 3, py(last), right, f"stroke:{colour};stroke-width:0.8;stroke-dasharray:1 3")
            labels.append((py(last), f"{name} {last:.2f}", colour))
            named.add(name)
    for y, (_, content, colour) in zip(spread([label[0] for label in labels]), labels):
        drawing.text(right + 8, y + 4, content, style=f"fill:{colour}")
    return drawing.svg()
