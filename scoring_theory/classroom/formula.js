"use strict";
/* The grammar of formulas (proofs/kernel/formula.py), read and evaluated without executing any text.

   Formula.parse(text, parameters)   the tree, or a FormulaError with the package's sentence
   Formula.text(tree)                the formula of a tree, as the package writes it (proofs/trees.py)
   Formula.payoff(tree, c, values)   the function q -> R(q, c), with limits at q = 0 and q = 1

   Numbers are exact fractions of BigInts until a value is computed. Comparisons of rational
   expressions are decided exactly, as in the package. */
const Formula = (() => {
  class FormulaError extends Error {}

  // ------------------------------------------------------------------------------------ fractions

  const bits = (n) => (n < 0n ? -n : n).toString(2).length;

  function fraction(n, d = 1n) {
    if (d < 0n) [n, d] = [-n, -d];
    let [a, b] = [n < 0n ? -n : n, d];
    while (b) [a, b] = [b, a % b];
    return a > 1n ? { n: n / a, d: d / a } : { n, d };
  }

  const ZERO = fraction(0n);
  const ONE = fraction(1n);
  const whole = (x) => x.d === 1n;
  const compare = (x, y) => {
    const gap = x.n * y.d - y.n * x.d;
    return gap > 0n ? 1 : gap < 0n ? -1 : 0;
  };
  const plus = (x, y) => fraction(x.n * y.d + y.n * x.d, x.d * y.d);
  const minus = (x) => ({ n: -x.n, d: x.d });
  const times = (x, y) => fraction(x.n * y.n, x.d * y.d);
  const over = (x, y) => fraction(x.n * y.d, x.d * y.n);

  function raised(x, exponent) {
    return exponent >= 0n
      ? { n: x.n ** exponent, d: x.d ** exponent }
      : fraction(x.d ** -exponent, x.n ** -exponent);
  }

  /** The nearest float; infinite beyond the range of floats. */
  function nearest(x) {
    if (!x.n) return 0;
    const shift = bits(x.d) - bits(x.n) + 64;
    const top = shift >= 0 ? (x.n << BigInt(shift)) / x.d : x.n / (x.d << BigInt(-shift));
    const half = Math.trunc(-shift / 2);
    return Number(top) * 2 ** half * 2 ** (-shift - half);
  }

  /** The decimal that a text of digits stands for. */
  function decimal(text) {
    const [mantissa, exponent = "0"] = text.toLowerCase().split("e");
    const [digits, places = ""] = mantissa.split(".");
    const value = BigInt(digits + places || "0");
    const power = Number(exponent) - places.length;
    return power >= 0
      ? fraction(value * 10n ** BigInt(power))
      : fraction(value, 10n ** BigInt(-power));
  }

  function ofFloat(x) {
    let power = 0n;
    for (; !Number.isInteger(x); x *= 2) power += 1n;
    return fraction(BigInt(x), 2n ** power);
  }

  /** The number a float stands for: a small fraction next to it, or else the decimal it prints. */
  const stated = remembered((q) => {
    const exact = ofFloat(q);
    let [p0, q0, p1, q1, n, d] = [0n, 1n, 1n, 0n, exact.n, exact.d];
    const largest = 1000000n;
    while (d) {
      const a = n / d - (n % d < 0n ? 1n : 0n);
      if (q0 + a * q1 > largest) break;
      [p0, q0, p1, q1, n, d] = [p1, q1, p0 + a * p1, q0 + a * q1, d, n - a * d];
    }
    let simple = fraction(p1, q1);
    if (d) {
      const k = (largest - q0) / q1;
      const other = fraction(p0 + k * p1, q0 + k * q1);
      const away = (x) => Math.abs(nearest(plus(x, minus(exact))));
      if (away(other) < away(simple)) simple = other;
    }
    if (Math.abs(nearest(simple) - q) <= 4 * 2 ** -52 * Math.abs(q)) return simple;
    const text = String(Math.abs(q));
    return q < 0 ? minus(decimal(text)) : decimal(text);
  });

  function remembered(compute, most = 5000) {
    const known = new Map();
    return (x) => {
      if (!known.has(x)) {
        if (known.size >= most) known.clear();
        known.set(x, compute(x));
      }
      return known.get(x);
    };
  }

  // --------------------------------------------------------------------------------------- parser

  const MOST = { characters: 10000, nodes: 4000, nesting: 60, height: 150, digits: 400 };
  const FOLDED = 4 * MOST.digits;
  const ARITY = {
    log: [1, 1], exp: [1, 1], sqrt: [1, 1], abs: [1, 1], min: [2, 16], max: [2, 16],
    clip: [3, 3], beta_cdf: [3, 3], beta_function: [2, 2],
  };
  const COMPARISONS = ["<", "<=", "==", "!="];
  const LEVELS = new Map([
    ["or", 1], ["and", 2], ["<", 4], ["<=", 4], ["==", 4], ["!=", 4], [">", 4], [">=", 4],
    ["+", 5], ["-", 5], ["*", 6], ["/", 6],
  ]);
  const SYNTAX = ["if", "else", "and", "or", "not", ...LEVELS.keys(), "^"].filter((word, i, all) => all.indexOf(word) === i);
  const RESERVED = new Set(["if", "else", "and", "or", "not", ...Object.keys(ARITY)]);
  const MEANT = new Map([
    ...["y", "o", "x", "outcome", "correct", "label"].map((word) => [word, "c"]),
    ...["p", "f", "confidence", "forecast", "prob", "y_prob"].map((word) => [word, "q"]),
  ]);
  const UNSIGNED = "(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?";
  const NAME = "[A-Za-z_][A-Za-z_0-9]*";
  const TOKEN = new RegExp(`\\s*(${UNSIGNED}|${NAME}|\\*\\*|[<>=!]=|\\S)`, "gu");
  const IS_NUMBER = new RegExp(`^${UNSIGNED}$`, "u");
  const IS_NAME = new RegExp(`^${NAME}$`, "u");

  const number = (value) => ({ value });
  const isNumber = (node) => node.value !== undefined;
  const apply = (op, ...args) => ({ op, args });

  /** A text in quotes, as the package prints it in messages. */
  function quoted(text) {
    const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
    const escapes = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", [mark]: `\\${mark}` };
    return mark + text.replace(/[\\\n\r\t'"]/g, (sign) => escapes[sign] ?? sign) + mark;
  }

  class Parser {
    constructor(text, names, entries) {
      if ([...text].length > MOST.characters) {
        throw new FormulaError(
          `a formula may have at most ${MOST.characters} characters, got ${[...text].length}`);
      }
      if (!text.trim()) throw new FormulaError("the formula is empty");
      Object.assign(this, { text, names, entries, index: 0, nesting: 0, count: 0 });
      this.tokens = [...text.trimEnd().matchAll(TOKEN)].map((match) => [
        match[1], [...text.slice(0, match.index + match[0].length - match[1].length)].length,
      ]);
    }

    fail(wanted) {
      if (this.index >= this.tokens.length) {
        return new FormulaError(`expected ${wanted} at the end of ${quoted(this.text)}`);
      }
      const [token, at] = this.tokens[this.index];
      return new FormulaError(
        `expected ${wanted}, got ${quoted(token)} at character ${at + 1} of ${quoted(this.text)}`);
    }

    unknown(name) {
      const meant = this.names.includes(MEANT.get(name)) ? ` (did you mean ${MEANT.get(name)}?)` : "";
      const known = [...this.names, ...Object.keys(ARITY)].join(", ");
      return new FormulaError(
        `unknown name ${quoted(name)} in ${quoted(this.text)}${meant}: q is the stated confidence,` +
        ` c the outcome (1 or 0); known: ${known} (a parameter needs a value or a domain)`);
    }

    peek() { return this.index < this.tokens.length ? this.tokens[this.index][0] : ""; }

    take(...wanted) {
      const token = this.peek();
      if (!token || !wanted.includes(token)) return "";
      this.index += 1;
      return token;
    }

    expect(token) { if (!this.take(token)) throw this.fail(quoted(token)); }

    counted(operations) {
      this.count += operations;
      if (this.count > MOST.nodes) {
        throw new FormulaError(`a formula may have at most ${MOST.nodes} operations`);
      }
    }

    apply(op, ...args) {
      this.counted(1);
      const [a, b] = args.map((node) => node.value);
      const size = (x) => Math.max(bits(x.n), bits(x.d));
      if (op === "/" && a && b && b.n && Math.max(size(a), size(b)) <= FOLDED) return number(over(a, b));
      if (op === "neg" && a) return number(minus(a));
      return apply(op, ...args);
    }

    nested(read) {
      this.nesting += 1;
      if (this.nesting > MOST.nesting) {
        throw new FormulaError(`a formula may nest at most ${MOST.nesting} brackets and powers`);
      }
      const node = read();
      this.nesting -= 1;
      return node;
    }

    whole() {
      const node = this.choice();
      if (this.index < this.tokens.length) throw this.fail("an operator");
      let height = 0;
      for (let layer = [node]; (layer = layer.flatMap((n) => n.args ?? [])).length;) height += 1;
      if (height > MOST.height) {
        throw new FormulaError(
          `the syntax tree of a formula may be ${MOST.height} high, got ${height}`);
      }
      return node;
    }

    choice() {
      const node = this.binary(1);
      if (!this.take("if")) return node;
      const condition = this.binary(1);
      this.expect("else");
      return this.apply("if", condition, node, this.nested(() => this.choice()));
    }

    binary(least) {
      let node = this.prefix(least);
      let middle = null; // the right end of a comparison, which a chain compares once more
      let size = 0;
      while ((LEVELS.get(this.peek()) ?? 0) >= least) {
        const level = LEVELS.get(this.peek());
        const [op, before] = [this.take(...LEVELS.keys()), this.count];
        const right = this.binary(level + 1);
        if (level !== 4) {
          [node, middle] = [this.apply(op, node, right), null];
          continue;
        }
        this.counted(size);
        const left = middle ?? node;
        const one = this.apply(op.replace(">", "<"), ...(op[0] === ">" ? [right, left] : [left, right]));
        node = middle === null ? one : this.apply("and", node, one);
        [middle, size] = [right, this.count - before];
      }
      return node;
    }

    prefix(least) {
      let flips = 0;
      while (least < 4 && this.take("not")) flips += 1;
      if (flips) {
        const node = this.binary(4);
        return flips % 2 ? this.apply("not", node) : node;
      }
      for (let sign; (sign = this.take("-", "+"));) flips += sign === "-" ? 1 : 0;
      const node = this.power();
      return flips % 2 ? this.apply("neg", node) : node;
    }

    power() {
      const base = this.atom();
      return this.take("**", "^") ? this.apply("^", base, this.nested(() => this.prefix(7))) : base;
    }

    atom() {
      const token = this.peek();
      if (this.take("(")) {
        const node = this.nested(() => this.choice());
        this.expect(")");
        return node;
      }
      if (this.take(...Object.keys(ARITY))) return this.call(token);
      if (this.take(...this.names)) return { name: token };
      if (IS_NUMBER.test(token)) {
        this.index += 1;
        const [mantissa, exponent = ""] = token.toLowerCase().split("e");
        if (mantissa.length > MOST.digits || exponent.length > 4 || Math.abs(Number(exponent)) > MOST.digits) {
          throw new FormulaError(
            `a number may have at most ${MOST.digits} digits, got ${token.slice(0, 40)}...`);
        }
        return number(decimal(token));
      }
      const entry = this.entries.get(token.toLowerCase());
      if (entry !== undefined && IS_NAME.test(token)) {
        this.index += 1;
        const node = new Parser(entry, ["q", "c"], new Map()).whole();
        return node;
      }
      if (IS_NAME.test(token) && !RESERVED.has(token)) throw this.unknown(token);
      throw this.fail("a number, a name or '('");
    }

    call(name) {
      this.expect("(");
      const args = [this.nested(() => this.choice())];
      while (this.take(",")) args.push(this.nested(() => this.choice()));
      this.expect(")");
      const [low, high] = ARITY[name];
      if (args.length < low || args.length > high) {
        const wanted = low === high ? `${low}` : `${low} to ${high}`;
        throw new FormulaError(`${name} takes ${wanted} arguments, got ${args.length}`);
      }
      return this.apply(name, ...args);
    }
  }

  const parts = (node) => [node, ...(node.args ?? []).flatMap(parts)];

  /** The tree of a formula in q, c and the parameters; `entries` are formulas by their name. */
  function parse(text, parameters = [], entries = new Map()) {
    const node = new Parser(text, ["q", "c", ...parameters], entries).whole();
    if (parts(node).some((part) => part.op === "/" && part.args[1].value?.n === 0n)) {
      throw new FormulaError(`division by zero in ${quoted(text)}`);
    }
    return node;
  }

  const SHOWN = {
    if: 0, or: 1, and: 2, not: 3, "<": 4, "<=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6, neg: 7, "^": 8,
  };

  /** The text of a node, and the level of its outermost operator. */
  function written(node) {
    if (isNumber(node)) {
      const { n, d } = node.value;
      return d !== 1n ? [`${n}/${d}`, n < 0n ? 5 : 6] : [String(n), n < 0n ? 7 : 9];
    }
    if (node.name) return [node.name, 9];
    const { op, args } = node;
    if (Object.hasOwn(ARITY, op)) return [`${op}(${args.map(text).join(", ")})`, 9];
    const level = SHOWN[op];
    const at = (arg, least) => {
      const [inner, own] = written(arg);
      return own >= least ? inner : `(${inner})`;
    };
    if (op === "if") return [`${at(args[1], 1)} if ${at(args[0], 1)} else ${at(args[2], 0)}`, level];
    if (op === "neg") return [`-${at(args[0], 8)}`, level];
    if (op === "not") return [`not ${at(args[0], 4)}`, level];
    if (op === "^") return [`${at(args[0], 9)}^${at(args[1], 8)}`, level];
    const gap = "*/".includes(op) ? "" : " ";
    const left = at(args[0], COMPARISONS.includes(op) ? level + 1 : level);
    const inner = at(args[1], op === "or" || op === "and" ? level : level + 1);
    const right = gap === "" && inner.startsWith("-") ? `(${inner})` : inner; // as in proofs/trees.py
    return [`${left}${gap}${op}${gap}${right}`, level];
  }

  const text = (node) => written(node)[0];

  const names = (node) => new Set(parts(node).map((part) => part.name).filter(Boolean));

  function substitute(node, values) {
    if (node.name) return Object.hasOwn(values, node.name) ? values[node.name] : node;
    return node.op ? apply(node.op, ...node.args.map((arg) => substitute(arg, values))) : node;
  }

  // ------------------------------------------------------------------- exact arithmetic and folding

  const RATIONAL = new Set([
    "+", "-", "*", "/", "^", "neg", "abs", "min", "max", "clip", ...COMPARISONS, "and", "or", "not", "if",
  ]);
  const CONDITIONS = new Set([...COMPARISONS, "and", "or", "not"]);
  const truth = (holds) => (holds ? ONE : ZERO);
  const least = (...xs) => xs.reduce((a, b) => (compare(b, a) < 0 ? b : a));
  const greatest = (...xs) => xs.reduce((a, b) => (compare(b, a) > 0 ? b : a));
  const wholePower = (x) => whole(x) && x.n <= 64n && x.n >= -64n;

  /** An operation on fractions; null if it has no rational value, or one of too many digits. */
  function operate(op, args) {
    const [a, b, c] = args;
    switch (op) {
      case "+": return plus(a, b);
      case "-": return plus(a, minus(b));
      case "*": return times(a, b);
      case "/": return !a.n && b.n ? ZERO : b.n ? over(a, b) : null;
      case "^": return wholePower(b) && (a.n || b.n >= 0n) ? raised(a, b.n) : null;
      case "neg": return minus(a);
      case "abs": return a.n < 0n ? minus(a) : a;
      case "min": return least(...args);
      case "max": return greatest(...args);
      case "clip": return least(greatest(a, b), c);
      case "<": return truth(compare(a, b) < 0);
      case "<=": return truth(compare(a, b) <= 0);
      case "==": return truth(compare(a, b) === 0);
      case "!=": return truth(compare(a, b) !== 0);
      case "and": return truth(a.n && b.n);
      case "or": return truth(a.n || b.n);
      case "not": return truth(!a.n);
      case "if": return a.n ? b : c;
      default: return null;
    }
  }

  const small = (x) => bits(x.n) <= 20000 && bits(x.d) <= 20000;

  /** Constants folded, 0*x replaced by 0 and 1*x by x: a factor c or 1 - c selects a branch. */
  function fold(node) {
    if (!node.op) return node;
    const args = node.args.map(fold);
    const { op } = node;
    if (op === "if" && isNumber(args[0])) return args[0].value.n ? args[1] : args[2];
    if (args.every(isNumber)) {
      const value = operate(op, args.map((arg) => arg.value));
      if (value !== null && small(value)) return number(value);
    }
    const is = (arg, n) => isNumber(arg) && compare(arg.value, n ? ONE : ZERO) === 0;
    const [first, last] = [args[0], args[args.length - 1]];
    if ((op === "*" && (is(first, 0) || is(last, 0))) || (op === "/" && is(first, 0))
        || (op === "and" && (is(first, 0) || is(last, 0)))) return number(ZERO);
    if ((op === "*" && is(first, 1)) || (op === "+" && is(first, 0))) return args[1];
    if (["*", "/", "^"].includes(op) && is(last, 1)) return first;
    if (["+", "-"].includes(op) && is(last, 0)) return first;
    return op === "-" && is(first, 0) ? apply("neg", last) : apply(op, ...args);
  }

  const isRational = (() => {
    const known = new WeakMap();
    return function rational(node) {
      if (!node.op) return true;
      if (!known.has(node)) {
        const exponent = node.op === "^" ? node.args[1].value : ONE;
        known.set(node, RATIONAL.has(node.op) && exponent !== undefined
          && (node.op !== "^" || wholePower(exponent)) && node.args.every(rational));
      }
      return known.get(node);
    };
  })();

  /** A rational formula at a fraction, exactly; null where it has no value. */
  function exactly(node, q) {
    if (isNumber(node)) return node.value;
    if (node.name) return q;
    if (node.op === "if") {
      const holds = exactly(node.args[0], q);
      return holds && exactly(node.args[holds.n ? 1 : 2], q);
    }
    const args = node.args.map((arg) => exactly(arg, q));
    if (node.op === "*" && args.some((arg) => arg && !arg.n)) return ZERO;
    if (args.includes(null)) return null;
    const value = operate(node.op, args);
    return value !== null && small(value) ? value : null;
  }

  // ---------------------------------------------------------------------------- special functions

  const LANCZOS = [
    0.99999999999999709182, 57.156235665862923517, -59.597960355475491248, 14.136097974741747174,
    -0.49191381609762019978, 0.33994649984811888699e-4, 0.46523628927048575665e-4,
    -0.98374475304879564677e-4, 0.15808870322491248884e-3, -0.21026444172410488319e-3,
    0.2174396181152126432e-3, -0.16431810653676389022e-3, 0.84418223983852743293e-4,
    -0.2619083840158140867e-4, 0.36899182659531622704e-5,
  ];

  /** log Gamma(x) for x > 0 (Lanczos; Godfrey's coefficients for g = 607/128). */
  function lgamma(x) {
    const base = x + 5.2421875;
    const sum = LANCZOS.slice(1).reduce((total, c, n) => total + c / (x + n + 1), LANCZOS[0]);
    return (x + 0.5) * Math.log(base) - base + Math.log((2.5066282746310005 * sum) / x);
  }

  const betaFunction = (a, b) =>
    a > 0 && b > 0 ? Math.exp(lgamma(a) + lgamma(b) - lgamma(a + b)) : NaN;

  /** The regularised incomplete beta function, as in proofs/floats.py. */
  function betaCdf(x, a, b) {
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN;
    if (x === 0 || x === 1 || (a === 1 && b === 1)) return x;
    return b * x > a * (1 - x) ? 1 - lowerBeta(1 - x, x, b, a) : lowerBeta(x, 1 - x, a, b);
  }

  function lowerBeta(x, y, a, b) {
    const c = 1 + a * y - b * x;
    let [old, now, below, limit, last] = [0, 1, 1, 0, (c * a) / (a + 1)];
    for (let n = 1; n < 100000; n += 1) {
      const before = limit;
      limit = now / last;
      if (Math.abs(limit - before) <= 2e-16 * limit) return betaPower(x, y, a, b) * limit;
      [old, below, now, last] = [old / last, below / last, limit, 1];
      const [w, s, p] = [n * (b - n) * x, a + 2 * n - 1, a + n - 1];
      const alpha = ((p * (p + b)) / s ** 2) * w * x;
      const beta = n + w / s + ((a + n) / (s + 2)) * (c + n * (1 + y));
      [old, now] = [now, alpha * old + beta * now];
      [below, last] = [last, alpha * below + beta * last];
    }
    return NaN;
  }

  function betaPower(x, y, a, b) {
    const n = a + b;
    const log = (u, v) => (u < 0.5 ? Math.log(u) : Math.log1p(-v));
    if (n < 60) return Math.exp(lgamma(n) - lgamma(a) - lgamma(b) + a * log(x, y) + b * log(y, x));
    const excess = a * y - b * x;
    const away = deviance(a, n * x, excess) + deviance(b, n * y, -excess);
    return Math.exp(stirling(n) - stirling(a) - stirling(b) - away)
      * Math.sqrt((a * b) / (2 * Math.PI * n));
  }

  function stirling(z) {
    if (z < 15) return lgamma(z + 1) - (z + 0.5) * Math.log(z) + z - Math.log(2 * Math.PI) / 2;
    const w = 1 / (z * z);
    return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / z;
  }

  function deviance(z, mean, excess) {
    const v = excess / (z + mean);
    if (Math.abs(v) > 0.1) return z * Math.log(z / mean) - excess;
    let [total, power] = [excess * v, 2 * z * v];
    for (let k = 3; k < 40; k += 2) total += (power *= v * v) / k;
    return total;
  }

  // --------------------------------------------------------------------------- values in floats

  const test = (holds) => (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Number(holds(a, b)));
  const FLOATS = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
    "^": (a, b) => a ** b, neg: (a) => -a, log: Math.log, exp: Math.exp, sqrt: Math.sqrt, abs: Math.abs,
    min: Math.min, max: Math.max, clip: (x, low, high) => Math.min(Math.max(x, low), high),
    beta_cdf: betaCdf, beta_function: betaFunction,
    "<": test((a, b) => a < b), "<=": test((a, b) => a <= b), "==": test((a, b) => a === b),
    "!=": test((a, b) => a !== b), and: test((a, b) => a !== 0 && b !== 0),
    or: test((a, b) => a !== 0 || b !== 0), not: (a) => (Number.isNaN(a) ? NaN : Number(a === 0)),
  };

  /** The value at q in floats; NaN where floats give none. `careful`: factors 0 are found exactly. */
  function inFloats(node, q, careful) {
    if (isNumber(node)) {
      const x = nearest(node.value);
      return Number.isFinite(x) ? x : NaN;
    }
    if (node.name) return q;
    const { op, args } = node;
    if ((careful || COMPARISONS.includes(op)) && isRational(node)) {
      const exact = exactly(node, stated(q));
      return exact === null ? NaN : nearest(exact);
    }
    const value = (arg) => inFloats(arg, q, careful);
    if (op === "if") {
      const holds = value(args[0]);
      return Number.isNaN(holds) ? NaN : value(args[holds ? 1 : 2]);
    }
    const given = args.map(value);
    if (op === "*" && args.some((arg, i) => given[i] === 0 && (careful ? isRational(arg) : CONDITIONS.has(arg.op)))) {
      return 0;
    }
    if (careful && op === "/" && given[0] === 0 && isRational(args[0])) return 0;
    if ((op === "/" && given[1] === 0) || (op === "^" && given[0] === 0 && given[1] < 0)) return NaN;
    const result = FLOATS[op](...given);
    const overflow = op !== "log" && !Number.isFinite(result) && given.every(Number.isFinite);
    return overflow ? NaN : result;
  }

  /** The payoff R(q, c) of a tree as a function of q; `values` are the numbers of the parameters. */
  function payoff(tree, c, values = {}) {
    const known = { c: number(c ? ONE : ZERO) };
    for (const [name, x] of Object.entries(values)) known[name] = number(stated(x));
    const node = fold(substitute(tree, known));
    for (const name of names(node)) {
      if (name !== "q") throw new FormulaError(`\`${name}\` has no value`);
    }
    return remembered((q) => {
      if (!(q >= 0 && q <= 1)) throw new FormulaError(`\`confidence\` must lie in [0, 1], got ${q}`);
      let value = inFloats(node, q, false);
      if (Number.isNaN(value)) value = q === 0 || q === 1 ? Limits.at(node, q) : inFloats(node, q, true);
      if (Number.isNaN(value)) {
        throw new FormulaError(`the formula has no value, or none that this page finds, at q = ${q}`
          + (c ? " for a right answer (c = 1)" : " for a wrong answer (c = 0)"));
      }
      return value + 0;
    });
  }

  return {
    FormulaError, MOST, parse, text, payoff, names, substitute, number, apply, stated, nearest, compare, fraction,
    exactly, isRational, isNumber, fold, betaFunction, betaCdf, parts, quoted, ARITY, SYNTAX, COMPARISONS, CONDITIONS, FLOATS,
    exact: { plus, minus, times, over, raised, whole, small },
  };
})();
