"""SVG line charts, as text: curves over a linear or logarithmic x, with dashed levels."""
import math

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 200, 34, 44
COLOURS = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#0a7c86", "#bf3989"]
LABEL_HEIGHT = 14


def number(value):
    """1e13 for what is long, 250 for what is short."""
    if value == 0 or 0.01 <= value < 100_000:
        return f"{value:g}"
    exponent = math.floor(math.log10(value))
    return f"{value / 10 ** exponent:.3g}e{exponent}"


class Axis:
    """Values of `low`...`high` to 0...1."""

    def __init__(self, low, high, logarithmic):
        self.logarithmic = logarithmic
        self.low, self.high = low, high

    def place(self, value):
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self):
        """Round values: of a linear axis four to nine from 0 on, of a logarithmic one 1, 2 and 5 of each decade."""
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


def chart(curves, levels, x_title, y_title, logarithmic=False):
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

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']

    def text(x, y, content, anchor="start", colour="#444"):
        out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
                   f'{content}</text>')

    for half in range(int(down.high * 2), int(down.low * 2) + 1):
        y = py(half / 2)
        out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#e5e5e5"/>')
        text(LEFT - 8, y + 4, f"{half / 2:.1f}", "end")
    for tick in across.ticks():
        text(px(tick), bottom + 18, number(tick), "middle")
    text((LEFT + right) / 2, HEIGHT - 8, x_title, "middle")
    text(8, 14, y_title)
    labels = [(py(value) + 4, f"{name} {value:.2f}", "#444") for name, value in levels]
    for _, value in levels:
        out.append(f'<path d="M{LEFT} {py(value):.1f}H{right}" stroke="#888" '
                   'stroke-dasharray="4 3"/>')
    named = set()
    for name, points, index in curves:
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if name not in named:
            labels.append((py(points[-1][1]) + 4, f"{name} {points[-1][1]:.2f}", colour))
            named.add(name)
    for y, (_, content, colour) in zip(spread([label[0] for label in labels]), labels):
        text(right + 8, y, content, colour=colour)
    return "\n".join(out + ["</svg>"]) + "\n"
