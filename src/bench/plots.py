"""Plots as SVG: bars with ranges, and lines on two logarithmic axes."""

import html
import math

COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#0891b2", "#65a30d", "#db2777", "#57534e", "#1e3a8a")
WIDTH, LABELS, BAR, GAP, TOP = 860, 230, 18, 14, 44
PLOT = WIDTH - LABELS - 120


def bars(title, unit, groups):
    """Groups of (label, rows of (name, median, least, most)); names have the same colour in every group."""
    names = list(dict.fromkeys(name for _, rows in groups for name, *_ in rows))
    most = max((row[3] for _, rows in groups for row in rows), default=1) or 1
    scale = PLOT / most
    parts, y = [], TOP
    for label, rows in groups:
        if label:
            parts.append(_text(8, y + 12, label, weight="bold"))
            y += 20
        for name, median, least, greatest in rows:
            centre = y + BAR / 2
            parts.append(_text(LABELS - 8, centre + 4, name, anchor="end"))
            colour = COLOURS[names.index(name) % len(COLOURS)]
            parts.append(f'<rect x="{LABELS}" y="{y}" width="{max(1, median * scale):.1f}" height="{BAR}" fill="{colour}"/>')
            if greatest > least:
                left, right = LABELS + least * scale, LABELS + greatest * scale
                for x1, y1, x2, y2 in (
                    (left, centre, right, centre),
                    (left, centre - 4, left, centre + 4),
                    (right, centre - 4, right, centre + 4),
                ):
                    parts.append(_line(x1, y1, x2, y2, "#111", 1.5))
            parts.append(_text(LABELS + greatest * scale + 6, centre + 4, _short(median)))
            y += BAR + 4
        y += GAP
    return _svg(title, unit, parts, y)


def lines(title, across, up, series):
    """Series of (name, points of (x, median, least, most)), all greater than zero."""
    points = [point for _, some in series for point in some]
    left, right, bottom, height = 80, WIDTH - 220, 420, 400
    x0, x1 = _decades([point[0] for point in points])
    y0, y1 = _decades([value for point in points for value in point[1:]])

    def x_of(value):
        return left + (math.log10(value) - x0) / (x1 - x0) * (right - left)

    def y_of(value):
        return bottom - (math.log10(value) - y0) / (y1 - y0) * (height - TOP)

    parts = []
    for decade in range(x0, x1 + 1):
        x = x_of(10.0**decade)
        parts += [_line(x, y_of(10.0**y0), x, y_of(10.0**y1), "#ddd"), _text(x, bottom + 16, _power(decade), anchor="middle")]
    for decade in range(y0, y1 + 1):
        y = y_of(10.0**decade)
        parts += [_line(left, y, right, y, "#ddd"), _text(left - 6, y + 4, _power(decade), anchor="end")]
    for n, (name, some) in enumerate(series):
        colour = COLOURS[n % len(COLOURS)]
        path = " ".join(f"{x_of(x):.1f},{y_of(median):.1f}" for x, median, _, _ in some)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, median, least, most in some:
            parts.append(_line(x_of(x), y_of(least), x_of(x), y_of(most), colour, 1.5))
            parts.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(median):.1f}" r="3.5" fill="{colour}"/>')
        parts += [
            f'<rect x="{right + 16}" y="{TOP + n * 20}" width="12" height="12" fill="{colour}"/>',
            _text(right + 34, TOP + 10 + n * 20, name),
        ]
    parts.append(_text((left + right) / 2, bottom + 36, across, anchor="middle"))
    return _svg(title, up, parts, bottom + 50)


def _svg(title, unit, parts, height):
    body = "\n".join([_text(8, 20, title, size=15, weight="bold"), _text(8, 36, unit, colour="#555"), *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
        f' font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def _text(x, y, text, anchor="start", size=12, weight="normal", colour="#111"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
        f' fill="{colour}">{html.escape(text)}</text>'
    )


def _line(x1, y1, x2, y2, colour, width=1.0):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _decades(values):
    """Powers of ten around all of them, one apart at least."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _power(exponent):
    return f"{10**exponent:,}" if 0 <= exponent <= 6 else f"{10.0**exponent:g}"


def _short(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
