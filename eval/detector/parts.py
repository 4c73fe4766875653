"""Words, tables, algorithms, listings and formulas as Typst markup."""

LATIN = ("the of and a in to is for with that this by as are on from be which at we an can it or not each one "
         "method results data figure system model values between when where other two function time used using "
         "number given case set following example section first however therefore different shown process "
         "measurement distribution parameter estimate algorithm structure approach corresponds observed increase "
         "temperature software document chapter configuration description implementation significantly small "
         "large part order high low analysis state point line user file option default command default").split()
GERMAN = ("der die das und in zu den mit von ist für auf eine nicht als auch werden durch Abbildung Verfahren "
          "Ergebnisse Geschwindigkeit Datenverarbeitung bei kann wird nach Messung zwischen Abschnitt Funktion "
          "Zusammenhang Untersuchung Betriebssystem Größe über").split()
CYRILLIC = ("в и на что с по это не для как из при от значение функция рисунок таблица метод система данных "
            "результат время параметр документ следующий пример использовать программа текст число").split()
CHINESE = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
JAPANESE = "のにはをたがでてとしれさいるあこもなすよう図表示方法結果値計算処理文字列設定使用場合関数時間"


class Words:
    """Text in one language."""

    def __init__(self, rng, language):
        self.rng, self.language = rng, language
        self.vocabulary = {"en": LATIN, "de": GERMAN, "ru": CYRILLIC}.get(language)
        self.signs = {"zh": CHINESE, "ja": JAPANESE}.get(language)

    def some(self, n):
        if self.signs:
            return "".join(self.rng.choices(self.signs, k=max(1, int(n * 1.8))))
        return " ".join(self.rng.choices(self.vocabulary, k=max(1, n)))

    def sentence(self):
        n = self.rng.randint(6, 22)
        if self.signs:
            return self.some(n // 2) + "，" + self.some(n // 2) + "。"
        words = self.some(n)
        if self.rng.random() < 0.15:
            words += self.rng.choice([" (1999)", " $x_i < 3$", " $alpha$", " 42", " Fig. 3", " \\[12\\]"])
        return words[0].upper() + words[1:] + ". "

    def paragraph(self, most=8):
        return "".join(self.sentence() for _ in range(self.rng.randint(2, most)))

    def heading(self):
        words = self.some(self.rng.randint(1, 6))
        return words[0].upper() + words[1:]


def cell(rng, words, kind):
    if kind == "number":
        return rng.choice(["{:.2f}", "{:.1f}", "{:.0f}", "{:.3f}"]).format(rng.uniform(0, 300))
    if kind == "mark":
        return rng.choice(["✓", "–", "", "x"])
    if kind == "long":
        return words.some(rng.randint(6, 18))
    if kind == "code":
        return "`" + rng.choice(["--", "-", ""]) + rng.choice(["verbose", "output", "foo_bar", "size", "x"]) + "`"
    return words.some(rng.randint(1, 3))


def table(rng, words, width):
    """Markup of a table, and whether it fills the width."""
    columns = rng.randint(2, max(2, min(9, int(width / 58))))
    rows = rng.choice([2, 3, 4, 5, 6, 8, 10, 14, 20, 28])
    kinds = [rng.choice(["word", "word", "code", "long" if width > 200 and columns < 5 else "word"])]
    kinds += [rng.choice(["number", "number", "number", "word", "mark",
                          "long" if width / columns > 75 and rng.random() < 0.5 else "number"])
              for _ in range(columns - 1)]
    if "long" in kinds:
        rows = min(rows, 10)
    style = rng.choice(["ruled", "ruled", "booktabs", "booktabs", "booktabs", "rows", "plain", "header", "zebra",
                        "outer", "columns"])
    thin = rng.choice(["0.3pt", "0.4pt", "0.6pt", "0.5pt + luma(120)"])
    thick = rng.choice(["0.8pt", "1pt", "1.2pt"])
    stroke, fill, rules = "none", "none", []
    if style == "ruled":
        stroke = thin
    elif style == "booktabs":
        rules = [(0, thick), (1, thin), (rows + 1, thick)]
        if rows > 5 and rng.random() < 0.3:
            rules.append((rng.randint(2, rows - 1), thin))
    elif style == "rows":
        stroke = f"(x, y) => (bottom: {thin})"
    elif style == "outer":
        stroke = f"(x, y) => (left: if x == 0 {{ {thin} }}, right: if x == {columns - 1} {{ {thin} }})"
        rules = [(0, thin), (1, thin), (rows + 1, thin)]
    elif style == "columns":
        stroke = f"(x, y) => (left: if x > 0 {{ {thin} }}, bottom: if y == 0 {{ {thin} }})"
    if style in ("header", "zebra"):
        head = rng.choice(["luma(215)", "rgb(\"#c6d9f1\")", "rgb(\"#34568b\")", "luma(60)"])
        odd = rng.choice(["luma(240)", "rgb(\"#eaf1fb\")"]) if style == "zebra" else "none"
        fill = f"(x, y) => if y == 0 {{ {head} }} else if calc.even(y) {{ {odd} }}"
        stroke = rng.choice(["none", thin, "none"])
        ink = "white" if head in ("luma(60)", "rgb(\"#34568b\")") else "black"
    else:
        ink = "black"
    stretch = "long" in kinds or rng.random() < 0.15
    sizes = ", ".join("1fr" if k == "long" or (stretch and "long" not in kinds) else "auto" for k in kinds)
    sides = ", ".join("left" if k in ("word", "long", "code") else rng.choice(["center", "right"]) for k in kinds)
    weight = rng.choice(["bold", "bold", "regular"])
    cells = []
    start = 0
    if columns >= 4 and rng.random() < 0.2:
        cells.append(f"[], table.cell(colspan: {columns - 1}, align: center)[{words.some(2)}]")
        start = 1
        rows += 1
        rules = [(r + (r > 0), s) for r, s in rules]
    cells.append(", ".join(f"text(fill: {ink}, weight: \"{weight}\")[{words.some(1)}]" for _ in kinds))
    for r in range(rows - start):
        cells.append(", ".join(f"[{cell(rng, words, k)}]" for k in kinds))
    lines = "".join(f", table.hline(y: {y}, stroke: {s})" for y, s in rules)
    inset = f"(x: {rng.choice([3, 4, 6, 8])}pt, y: {rng.choice([1.5, 2, 3, 4, 5])}pt)"
    size = rng.choice([7, 8, 8, 9]) if columns > 4 else rng.choice([8, 9, 9, 10])
    code = (f"#set par(justify: false); #text(size: {size}pt, table(columns: ({sizes},), align: ({sides},), inset: {inset}, stroke: {stroke}, "
            f"fill: {fill}{lines}, {', '.join(cells)}))")
    return code, stretch


STEPS = ["*for* $i = 1$ *to* $n$ *do*", "*while* $x < y$ *do*", "*if* $a_i > 0$ *then*", "*else*", "*end if*",
         "*end for*", "*return* $x$", "$x arrow.l x + 1$", "$y_i arrow.l f(x_i) + epsilon$", "*repeat*",
         "*until* converged", "sort $A$ by weight", "add $v$ to the queue $Q$", "$Q arrow.l emptyset$"]
CODE = ["for i in range(n):", "    if x[i] > limit:", "        total += x[i]", "int main(void) {", "    return 0;", "}",
        "#include <stdio.h>", "    printf(\"%d\\n\", value);", "def run(self, path):", "    with open(path) as f:",
        "        data = f.read()", "import numpy as np", "<item id=\"3\">text</item>", "SELECT a, b FROM t WHERE a > 3;",
        "", "x <- lm(y ~ a + b, data = d)", "$ make install PREFIX=/usr", "\\begin{equation}", "# a remark",
        "let v: Vec<u8> = Vec::new();", "    self.items.push(item)"]


def algorithm(rng, words):
    """Markup of the body of an algorithm; its rules are part of it."""
    lines, depth = [], 0
    if rng.random() < 0.6:
        lines += [f"*Input:* {words.some(5)}", f"*Output:* {words.some(4)}"]
    for k in range(rng.randint(4, 16)):
        step = rng.choice(STEPS)
        if step.startswith(("*end", "*until", "*else")):
            depth = max(0, depth - 1)
        lines.append(f"#h({depth * 12}pt)" + step + (f" #h(1fr) \\/\\/ {words.some(3)}" if rng.random() < 0.1 else ""))
        if step.endswith("do*") or step.endswith("then*") or step.startswith(("*else", "*repeat")):
            depth = min(4, depth + 1)
    numbered = rng.random() < 0.7
    rows = "".join(f"[{k + 1}:], [{line}], " if numbered else f"[{line}], " for k, line in enumerate(lines))
    columns = "(auto, 1fr)" if numbered else "(1fr,)"
    body = f"grid(columns: {columns}, column-gutter: 6pt, row-gutter: {rng.choice([3, 4, 6])}pt, {rows})"
    frame = rng.choice(["(top: 0.8pt, bottom: 0.8pt)", "(top: 0.5pt, bottom: 0.8pt)", "0.5pt"])
    size = rng.choice([8, 9, 10])
    return f"#block(width: 100%, inset: 4pt, stroke: {frame}, text(size: {size}pt, {body}))"


def listing(rng, framed):
    """Markup of a listing: framed, shaded or with numbered lines; or bare."""
    lines = [rng.choice(CODE) for _ in range(rng.randint(3, 22) if framed else rng.randint(1, 12))]
    size = rng.choice([7, 8, 8.5, 9])
    raw = lambda s: "raw(\"" + s.replace("\\", "\\\\").replace("\"", "\\\"") + "\")"
    numbered = framed and rng.random() < 0.4
    rows = ", ".join((f"text(fill: luma(110))[{k + 1}], " if numbered else "") + (raw(s) if s else "[]")
                     for k, s in enumerate(lines))
    columns = "(auto, 1fr)" if numbered else "(1fr,)"
    body = f"text(size: {size}pt, grid(columns: {columns}, column-gutter: 8pt, row-gutter: {rng.choice([3, 4])}pt, {rows}))"
    if not framed:
        return f"#block(width: 100%, inset: (left: {rng.choice([0, 10, 20])}pt), {body})"
    look = rng.choice(["stroke: 0.5pt", "fill: luma(238)", "fill: luma(245), stroke: 0.4pt + luma(150)",
                       "stroke: (top: 0.6pt, bottom: 0.6pt)", "fill: rgb(\"#fff8e0\"), stroke: (left: 2pt + luma(120))",
                       "fill: luma(40)"])
    if look == "fill: luma(40)":
        body = f"text(fill: luma(230), {body})"
    return f"#block(width: 100%, inset: {rng.choice([4, 6, 8])}pt, {look}, {body})"


FORMULAS = ["sum_(i=1)^n x_i^2 / (1 + y_i)", "integral_0^infinity e^(-x^2) dif x = sqrt(pi) / 2", "E = m c^2",
            "f(x) = a_0 + sum_(k=1)^infinity (a_k cos(k x) + b_k sin(k x))", "mat(1, 0, a; 0, 1, b; 0, 0, c) vec(x, y, z)",
            "P(A | B) = (P(B | A) P(A)) / P(B)", "nabla dot bold(E) = rho / epsilon_0",
            "lim_(n -> infinity) (1 + 1/n)^n = e", "hat(beta) = (X^T X)^(-1) X^T y",
            "f(x) = cases(0 \"if\" x < 0, 1 \"otherwise\")", "x = (-b plus.minus sqrt(b^2 - 4 a c)) / (2 a)",
            "partial / (partial t) u = k nabla^2 u", "A subset.eq B => f(A) subset.eq f(B)", "a + b = c",
            "cal(L)(theta) = product_(i=1)^n p(x_i ; theta)", "H = - sum_i p_i log p_i", "u_(n+1) = u_n + h f(u_n)",
            "2 \"H\"_2 + \"O\"_2 -> 2 \"H\"_2\"O\"", "mat(a_11, dots.c, a_(1 n); dots.v, dots.down, dots.v; a_(n 1), dots.c, a_(n n))"]


def formula(rng):
    """Markup of a displayed formula, its number included."""
    lines = [rng.choice(FORMULAS) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    joined = " \\ ".join(line.replace(" = ", " &= ", 1) if len(lines) > 1 else line for line in lines)
    body = f"$ {joined} $"
    return body, rng.random() < 0.55
