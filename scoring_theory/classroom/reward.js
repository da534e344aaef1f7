"use strict";
/* A reward with its two payoffs, its expected reward and the optimal expected reward V(p), evaluated
   numerically. What is found here is a measurement; proofs come with the page (catalogue). */
const Rewards = (() => {
  const POINTS = 401;
  const SLACK = 1e-10; // rounding must not make a tie a gain

  /** p f + (1 - p) g, where 0 times an infinity is 0. */
  const mix = (p, f, g) => (p === 0 ? 0 : p * f) + (p === 1 ? 0 : (1 - p) * g);

  /** The reward of a tree in q, c and lam at a weight. */
  function reward(tree, lam) {
    const values = Formula.names(tree).has("lam") ? { lam } : {};
    const [wrong, right] = [0, 1].map((c) => Formula.payoff(tree, c, values));
    const grid = candidates(tree);
    const paid = grid.map((q) => [right(q), wrong(q)]);
    for (const pair of paid) {
      if (pair.includes(Infinity)) {
        throw new Formula.FormulaError("a payoff of this formula is +infinity, so that no report is the best");
      }
    }
    const expected = (p, q) => mix(p, right(q), wrong(q));
    function best(p) {
      let [top, report] = [expected(p, p), p];
      paid.forEach(([f, g], i) => {
        const earned = mix(p, f, g);
        if (earned > top + SLACK * (1 + Math.abs(top))) [top, report] = [earned, grid[i]];
      });
      return { value: top, report };
    }
    return { tree, lam, right, wrong, expected, best, grid };
  }

  /** Confidences at which the best report is searched: a grid, and the numbers in conditions. */
  function candidates(tree) {
    const points = Array.from({ length: POINTS }, (_, i) => i / (POINTS - 1));
    for (const part of Formula.parts(tree)) {
      if (!Formula.COMPARISONS.includes(part.op) && !["min", "max", "clip", "abs", "-"].includes(part.op)) continue;
      for (const arg of part.args.filter(Formula.isNumber)) {
        const x = Formula.nearest(arg.value);
        for (const y of [x, 1 - x]) points.push(y, y - 1e-9, y + 1e-9);
      }
    }
    return [...new Set(points.filter((q) => q >= 0 && q <= 1))].sort((a, b) => a - b);
  }

  const STEPS = Array.from({ length: 199 }, (_, i) => (i + 1) / 200);
  const ROUND = [...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), ...STEPS];

  /** The first p, round numbers first, at which a report other than p earns clearly more; or null. */
  function misreport(one) {
    for (const p of ROUND) {
      const { value, report } = one.best(p);
      const honest = one.expected(p, p);
      if (value > honest + 1e-9 * (1 + Math.abs(honest))) {
        const round = [0, 1, ...ROUND].find((q) => one.expected(p, q) > honest + (value - honest) / 2);
        const q = round ?? report;
        return { p, q, honest, earned: one.expected(p, q) };
      }
    }
    return null;
  }

  /** A p and another report with the same expected reward; or null. */
  function tie(one) {
    for (const p of ROUND) {
      const honest = one.expected(p, p);
      const q = [...ROUND, 0, 1].find((x) => Math.abs(x - p) > 0.02
        && Math.abs(one.expected(p, x) - honest) <= 1e-12 * (1 + Math.abs(honest)));
      if (q !== undefined) return { p, q };
    }
    return null;
  }

  /** Below `local` V decreases, below `global` V(p) < V(0); null where there is no such p. They are about
      honest reports, so an improper reward, whose V(p) is earned by a misreport, has none. */
  function thresholds(one) {
    const V = (p) => one.best(p).value;
    const start = V(0);
    if (misreport(one) !== null) return { local: null, global: null, start };
    const values = [0, ...STEPS, 1].map(V);
    const lowest = values.indexOf(Math.min(...values));
    if (!(values[lowest] < start - 1e-9 * (1 + Math.abs(start)))) return { local: null, global: null, start };
    const [low, high] = [Math.max(lowest - 1, 0) / 200, Math.min(lowest + 1, 200) / 200];
    const local = minimum(V, low, high);
    const above = values.findIndex((value, i) => i > lowest && value >= start);
    if (above < 0) return { local, global: 1, start };
    let [a, b] = [(above - 1) / 200, above / 200];
    for (let i = 0; i < 50; i += 1) {
      const middle = (a + b) / 2;
      [a, b] = V(middle) < start ? [middle, b] : [a, middle];
    }
    return { local, global: b, start };
  }

  /** The point of the least value of a convex function, by its slope: values alone are too flat. */
  function minimum(f, low, high) {
    const h = 1e-5;
    for (let i = 0; i < 40; i += 1) {
      const middle = (low + high) / 2;
      const falls = f(Math.min(middle + h, 1)) < f(Math.max(middle - h, 0));
      [low, high] = falls ? [middle, high] : [low, middle];
    }
    return (low + high) / 2;
  }

  /** The p of the example where being wrong on purpose earns more: a round number below `global`. */
  function sandbag(one, global) {
    const below = ROUND.filter((p) => p < global && one.best(p).value < one.best(0).value);
    const round = below.filter((p) => Number.isInteger(Math.round(p * 2000) / 100));
    const gap = (p) => one.best(0).value - one.best(p).value;
    const p = [...round, ...below].reduce((best, x) => (gap(x) > gap(best) ? x : best), below[0]);
    return p === undefined ? null : { p, honest: one.best(p).value, earned: one.best(0).value };
  }

  return { reward, misreport, tie, thresholds, sandbag, mix };
})();
