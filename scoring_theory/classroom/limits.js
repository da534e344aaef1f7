"use strict";
/* One-sided limits at q = 0 and q = 1 by expansions in t, the distance from the end.

   A germ is a finite sum of terms k t^a L^b with L = log(1/t), the largest first, and an error of
   order t^order. Coefficients are exact fractions as long as they are rational, so that terms
   cancel exactly. A limit that these expansions do not give is NaN, and the page says so. */
const Limits = (() => {
  const { fraction, nearest, compare, exactly, isRational, isNumber, COMPARISONS, exact } = Formula;
  const DEPTH = 10; // how far the exponents of a germ may reach beyond the first one
  const SAME = 1e-11; // exponents that differ by less are equal

  class NoLimit extends Error {}

  // ------------------------------------------------- numbers: exact fractions, or floats

  const isExact = (x) => typeof x === "object";
  const float = (x) => (isExact(x) ? nearest(x) : x);
  const either = (onExact, onFloat) => (x, y) => {
    if (isExact(x) && isExact(y)) {
      const z = onExact(x, y);
      if (exact.small(z)) return z;
    }
    const z = onFloat(float(x), float(y));
    if (!Number.isFinite(z)) throw new NoLimit();
    return z;
  };
  const add = either(exact.plus, (x, y) => (Math.abs(x + y) <= 1e-14 * (Math.abs(x) + Math.abs(y)) ? 0 : x + y));
  const times = either(exact.times, (x, y) => x * y);
  const over = either(exact.over, (x, y) => x / y);
  const sign = (x) => (isExact(x) ? Number(x.n > 0n) - Number(x.n < 0n) : Math.sign(x));
  const whole = (n) => fraction(BigInt(n));

  // ------------------------------------------------------------------------------------ germs

  const larger = ([a, b], [x, y]) => (Math.abs(a - x) > SAME ? a - x : y - b);
  const germ = (terms, order = Infinity) => tidy(terms, order);
  const constant = (k) => germ([[0, 0, k]]);
  const ZERO = germ([]);
  const TINY = { terms: [], order: Infinity, tiny: true }; // positive, below every power of t
  const huge = (s) => ({ terms: [], order: Infinity, huge: s }); // above every power of 1/t

  function tidy(terms, order) {
    const sorted = [...terms].sort(larger);
    const kept = [];
    for (const [a, b, k] of sorted) {
      const last = kept[kept.length - 1];
      if (last && larger(last, [a, b]) === 0) last[2] = add(last[2], k);
      else kept.push([a, b, k]);
    }
    const present = kept.filter(([, , k]) => sign(k) !== 0);
    if (!present.length) return { terms: [], order };
    const end = Math.min(order, present[0][0] + DEPTH);
    const within = present.filter(([a]) => a < end - SAME);
    return { terms: within, order: within.length < present.length ? end : order };
  }

  const special = (x) => x.tiny || x.huge;
  const isZero = (x) => !x.terms.length && x.order === Infinity && !special(x);
  const first = (x) => (x.terms.length ? x.terms[0][0] : x.order);

  function sum(x, y) {
    if (x.huge || y.huge) {
      if (x.huge && y.huge && x.huge !== y.huge) throw new NoLimit();
      return x.huge ? x : y;
    }
    if (x.tiny || y.tiny) {
      const other = x.tiny ? y : x;
      if (isZero(other) || (x.tiny && y.tiny)) return TINY;
      return germ(other.terms, Math.min(other.order, first(other) + DEPTH));
    }
    return germ([...x.terms, ...y.terms], Math.min(x.order, y.order));
  }

  function product(x, y) {
    if (isZero(x) || isZero(y)) return ZERO;
    if (x.huge || y.huge) {
      if (x.tiny || y.tiny) throw new NoLimit();
      return huge((x.huge ?? direction(x)) * (y.huge ?? direction(y)));
    }
    if (x.tiny || y.tiny) {
      if ((x.tiny ? 1 : direction(x)) * (y.tiny ? 1 : direction(y)) > 0) return TINY;
      return germ([], DEPTH); // a negative one: smaller than every term that matters
    }
    const terms = [];
    for (const [a, b, k] of x.terms) {
      for (const [c, d, m] of y.terms) terms.push([a + c, b + d, times(k, m)]);
    }
    return germ(terms, Math.min(first(x) + y.order, first(y) + x.order));
  }

  const scaled = (x, k) => (x.huge ? huge(x.huge * sign(k)) : product(x, constant(k)));
  const negative = (x) => scaled(x, whole(-1));

  /** 1 or -1 next to the end, 0 for the constant 0. */
  function direction(x) {
    if (x.tiny) return 1;
    if (x.huge) return x.huge;
    if (isZero(x)) return 0;
    if (!x.terms.length) throw new NoLimit();
    return sign(x.terms[0][2]);
  }

  /** The limit: a number, exact if it can be, or an infinity. */
  function limit(x) {
    if (x.tiny) return fraction(0n);
    if (x.huge) return x.huge * Infinity;
    if (first(x) > SAME) return fraction(0n);
    if (!x.terms.length || x.order <= SAME) {
      if (!x.terms.length || x.terms[0][0] > -SAME) throw new NoLimit();
    }
    const [a, b, k] = x.terms[0];
    if (a < -SAME || b > 0) return direction(x) * Infinity;
    return b < 0 ? fraction(0n) : k;
  }

  // -------------------------------------------------------------------------------- functions

  /** The sum of c(n) u^n for a germ u that tends to 0. */
  function series(u, coefficient) {
    if (isZero(u) || u.tiny) return constant(coefficient(0));
    if (first(u) <= SAME) throw new NoLimit();
    let [total, power] = [constant(coefficient(0)), constant(whole(1))];
    const most = Math.min(60, Math.ceil(DEPTH / first(u)));
    for (let n = 1; n <= most; n += 1) {
      power = product(power, u);
      total = sum(total, scaled(power, coefficient(n)));
    }
    return germ(total.terms, Math.min(total.order, (most + 1) * first(u)));
  }

  /** The first term of a germ, and the germ divided by it, minus 1. */
  function leading(x) {
    if (!x.terms.length) throw new NoLimit();
    const [a, b, k] = x.terms[0];
    const rest = x.terms.slice(1).map(([c, d, m]) => [c - a, d - b, over(m, k)]);
    return { a, b, k, rest: germ(rest, x.order - a) };
  }

  function power(x, r) {
    const exponent = float(r);
    const isWhole = Number.isInteger(exponent);
    if (exponent === 0) return constant(whole(1));
    if (isZero(x)) {
      if (exponent > 0) return ZERO;
      throw new NoLimit();
    }
    if (special(x)) {
      if (direction(x) < 0 && !isWhole) throw new NoLimit();
      if (Boolean(x.tiny) === exponent > 0) return TINY;
      return huge(direction(x) < 0 && exponent % 2 ? -1 : 1);
    }
    const { a, b, k, rest } = leading(x);
    if (direction(x) < 0 && !isWhole) throw new NoLimit();
    const top = isWhole && isExact(k) && Math.abs(exponent) <= 64
      ? exact.raised(k, BigInt(exponent)) : float(k) ** exponent;
    const shape = [whole(1)];
    const binomial = (n) => {
      while (shape.length <= n) {
        const m = shape.length;
        const factor = isExact(r) ? exact.over(exact.plus(r, whole(1 - m)), whole(m)) : (exponent - m + 1) / m;
        shape.push(times(shape[m - 1], factor));
      }
      return shape[n];
    };
    if (isWhole && exponent > 0 && exponent <= 12) {
      let result = x;
      for (let n = 1; n < exponent; n += 1) result = product(result, x);
      return result;
    }
    return product(germ([[a * exponent, b * exponent, top]]), series(rest, binomial));
  }

  function logarithm(x) {
    if (special(x) || isZero(x) || direction(x) < 0) {
      if (isZero(x)) return huge(-1);
      throw new NoLimit();
    }
    const { a, b, k, rest } = leading(x);
    if (b) throw new NoLimit();
    const start = isExact(k) && compare(k, fraction(1n)) === 0 ? [] : [[0, 0, Math.log(float(k))]];
    const slope = Math.abs(a) > SAME ? [[0, 1, Number.isInteger(a) ? whole(-a) : -a]] : [];
    const log1p = (n) => (n ? fraction(n % 2 ? 1n : -1n, BigInt(n)) : fraction(0n));
    return sum(germ([...start, ...slope]), series(rest, log1p));
  }

  function exponential(x) {
    if (x.huge) return x.huge > 0 ? huge(1) : TINY;
    if (x.tiny) return constant(whole(1));
    if (x.order <= SAME && !x.terms.length) throw new NoLimit();
    const unbounded = x.terms.find(([a, b]) => a < -SAME || (Math.abs(a) <= SAME && b > 0 && b !== 1));
    if (unbounded) return direction(x) > 0 ? huge(1) : TINY;
    if (x.terms.some(([a, b]) => Math.abs(a) <= SAME && b < 0)) throw new NoLimit();
    if (x.order <= SAME) throw new NoLimit();
    let [k, slope] = [whole(0), 0];
    const rest = [];
    for (const [a, b, m] of x.terms) {
      if (a > SAME) rest.push([a, b, m]);
      else if (b === 1) slope = -float(m);
      else k = m;
    }
    const factorials = [whole(1)];
    const inverse = (n) => {
      while (factorials.length <= n) factorials.push(exact.over(factorials[factorials.length - 1], whole(factorials.length)));
      return factorials[n];
    };
    const top = sign(k) === 0 ? whole(1) : Math.exp(float(k));
    if (!(float(top) < Infinity) || float(top) === 0) throw new NoLimit();
    return product(germ([[slope, 0, top]]), series(germ(rest, x.order), inverse));
  }

  /** The value of a germ that is a constant; it must be one. */
  function constantOf(x) {
    if (isZero(x)) return whole(0);
    if (special(x) || x.order < Infinity || x.terms.length !== 1 || x.terms[0][0] || x.terms[0][1]) throw new NoLimit();
    return x.terms[0][2];
  }

  /** I_x(a, b) by integrating its density around the limit of x. */
  function incomplete(x, a, b) {
    const [left, right] = [float(a), float(b)];
    const scale = Formula.betaFunction(left, right);
    const at = limit(x);
    if (!(scale > 0) || !isExact(at) && !Number.isFinite(at)) throw new NoLimit();
    const here = float(at);
    if (here < 0 || here > 1 || (here === 0 && direction(x) < 0)) throw new NoLimit();
    if (here === 1) return sum(constant(whole(1)), negative(incomplete(sum(constant(whole(1)), negative(x)), b, a)));
    if (isZero(x)) return ZERO;
    const h = germ([[1, 0, whole(1)]]);
    const place = constant(at);
    const shapeLess = (shape) => add(shape, whole(-1));
    const density = here === 0
      ? power(sum(constant(whole(1)), negative(h)), shapeLess(b)) // without its factor h^(a - 1)
      : product(power(sum(place, h), shapeLess(a)), power(sum(constant(whole(1)), negative(sum(place, h))), shapeLess(b)));
    const shift = here === 0 ? a : whole(1);
    const step = here === 0 ? x : sum(x, negative(place));
    const coefficients = [];
    for (const [n, , k] of density.terms) coefficients[Math.round(n)] = over(k, add(shift, whole(Math.round(n))));
    const body = series(step, (n) => coefficients[n] ?? whole(0));
    const whole0 = product(power(step, shift), body);
    const start = here === 0 ? ZERO : constant(Formula.betaCdf(here, left, right));
    return sum(start, scaled(whole0, 1 / scale));
  }

  // ------------------------------------------------------------------------------------ trees

  function holds(node, end) {
    const [a, b] = node.args ?? [];
    if (isRational(node)) {
      const value = exactly(node, end);
      if (value !== null) return value.n !== 0n;
    }
    if (node.op === "and") return holds(a, end) && holds(b, end);
    if (node.op === "or") return holds(a, end) || holds(b, end);
    if (node.op === "not") return !holds(a, end);
    if (COMPARISONS.includes(node.op)) {
      const gap = limit(sum(expand(b, end), negative(expand(a, end))));
      const s = sign(gap);
      return { "<": s > 0, "<=": s >= 0, "==": s === 0, "!=": s !== 0 }[node.op];
    }
    return sign(limit(expand(node, end))) !== 0;
  }

  function largest(best, ...others) {
    for (const other of others) best = direction(sum(best, negative(other))) >= 0 ? best : other;
    return best;
  }
  const smallest = (...xs) => negative(largest(...xs.map(negative)));

  function multiplied(left, right, end) {
    let known;
    try {
      known = expand(left, end);
    } catch (error) {
      if (!(error instanceof NoLimit) || !isZero(expand(right, end))) throw error;
      return ZERO;
    }
    return isZero(known) ? ZERO : product(known, expand(right, end));
  }

  function divided(left, right, end) {
    const top = expand(left, end);
    return isZero(top) ? ZERO : product(top, power(expand(right, end), whole(-1)));
  }

  /** A tree in q alone as a germ at the end 0 or 1. */
  function expand(node, end) {
    if (isNumber(node)) return constant(node.value);
    if (node.name) return end.n ? germ([[0, 0, whole(1)], [1, 0, whole(-1)]]) : germ([[1, 0, whole(1)]]);
    const [a, b, c] = node.args;
    const of = (arg) => expand(arg, end);
    switch (node.op) {
      case "if": return of(holds(a, end) ? b : c);
      case "+": return sum(of(a), of(b));
      case "-": return sum(of(a), negative(of(b)));
      case "neg": return negative(of(a));
      case "*": return multiplied(a, b, end);
      case "/": return divided(a, b, end);
      case "^": return raisedTo(of(a), of(b));
      case "sqrt": return power(of(a), fraction(1n, 2n));
      case "log": return logarithm(of(a));
      case "exp": return exponential(of(a));
      case "abs": return largest(of(a), negative(of(a)));
      case "min": return smallest(...node.args.map(of));
      case "max": return largest(...node.args.map(of));
      case "clip": return smallest(largest(of(a), of(b)), of(c));
      case "beta_cdf": return incomplete(of(a), constantOf(of(b)), constantOf(of(c)));
      case "beta_function": {
        const value = Formula.betaFunction(float(constantOf(of(a))), float(constantOf(of(b))));
        if (!Number.isFinite(value)) throw new NoLimit();
        return constant(value);
      }
      default: return constant(whole(holds(node, end) ? 1 : 0));
    }
  }

  function raisedTo(base, exponent) {
    const fixed = isZero(exponent) || (exponent.order === Infinity && exponent.terms.length === 1
      && !exponent.terms[0][0] && !exponent.terms[0][1]);
    return fixed ? power(base, constantOf(exponent)) : exponential(product(exponent, logarithm(base)));
  }

  /** The limit of a tree as q tends to 0 or 1 from inside; NaN if it is not found. */
  function at(node, q) {
    try {
      return float(limit(expand(node, fraction(BigInt(q)))));
    } catch (error) {
      if (error instanceof NoLimit || error instanceof RangeError) return NaN;
      throw error;
    }
  }

  return { at };
})();
