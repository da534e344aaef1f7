"use strict";
/* Part 1: the reward, its payoffs, V(p) with the failure zones, and the verdict. */
const byId = (id) => document.getElementById(id);
const CATALOGUE = JSON.parse(byId("catalogue").textContent);
const ENTRIES = new Map(CATALOGUE.entries.map((entry) => [entry.key, entry]));
const FORMULAS = new Map(CATALOGUE.entries.map((entry) => [entry.key, entry.formula]));

/** A number for reading: at most `digits` significant digits. */
function shown(x, digits = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "-" : x > 0 ? "inf" : "-inf";
  return String(Number(x.toPrecision(digits)) + 0);
}

/** A probability that the package wrote exactly, such as "63/64", as a number. */
const exactNumber = (text) => Formula.payoff(Formula.parse(text), 1)(0.5);

function option(value, text) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

/** A row of a table; the first cell is its heading. */
function tableRow(cells) {
  const row = document.createElement("tr");
  row.append(...cells.map((text, i) => {
    const cell = document.createElement(i ? "td" : "th");
    if (!i) cell.scope = "row";
    cell.textContent = text;
    return cell;
  }));
  return row;
}

/** The options of the catalogue in groups. */
function catalogueOptions() {
  return Object.entries(CATALOGUE.kinds).map(([kind, title]) => {
    const group = document.createElement("optgroup");
    group.label = title;
    for (const entry of CATALOGUE.entries.filter((one) => one.kind === kind)) {
      group.append(option(entry.key, entry.key === entry.title ? entry.key : `${entry.title} (${entry.key})`));
    }
    return group;
  });
}

const RewardSection = (() => {
  const OWN = "own";
  let listeners = [];
  let now = null;

  /** What is chosen: the entry (or null), the typed formula, and the reward at the weight. */
  const current = () => now;
  const onChange = (listener) => { listeners.push(listener); };

  const [C, LAM] = [{ name: "c" }, { name: "lam" }];

  /** Whether a formula is a score, as `check` tells: R(1, 1) <= R(0, 0), so that nothing in it rewards a right answer. */
  function isScore({ right, wrong }) {
    const [success, failure] = [right(1), wrong(0)];
    return success <= failure + 1e-12 * Math.max(1, Math.abs(success));
  }

  /** c + S, or c + lam S, without a sign behind the plus. */
  function added(score, weight = null) {
    const negative = score.op === "neg";
    const part = negative ? score.args[0] : score;
    return Formula.apply(negative ? "-" : "+", C, weight === null ? part : Formula.apply("*", weight, part));
  }

  /** The tree of R - c; a c at the beginning of R is left out. */
  function besideCorrectness(tree) {
    const [first, second] = tree.args ?? [];
    if (tree.op !== "+" && tree.op !== "-") return Formula.apply("-", tree, C);
    if (first.name === "c") return tree.op === "+" ? second : Formula.apply("neg", second);
    const rest = besideCorrectness(first);
    return rest.op === "-" && rest.args[1] === C ? Formula.apply("-", tree, C) : Formula.apply(tree.op, rest, second);
  }

  /** The reward that is judged: c + lam S for a score S, and c + lam (R - c) for a reward R. A typed lam stays as it is. */
  function judged(tree, score, lam) {
    const plain = lam === 1 || Formula.names(tree).has("lam");
    if (score) return added(tree, plain ? null : LAM);
    return plain ? tree : added(besideCorrectness(tree), LAM);
  }

  function read() {
    const entry = ENTRIES.get(byId("entry").value) ?? null;
    const text = byId("formula").value;
    const lam = weight();
    if (lam === null) {
      throw new Formula.FormulaError(`lam must be a number from 0 to 1000, got ${Formula.quoted(byId("lam-number").value)}`);
    }
    const parsed = Notation.parse(text, ["lam"], FORMULAS);
    const alone = Rewards.reward(parsed, lam);
    const score = entry === null && isScore(alone);
    const tree = entry ? parsed : judged(parsed, score, lam);
    const typed = Formula.names(parsed).has("lam");
    const at = Formula.names(tree).has("lam") ? `, lam = ${shown(lam)}` : "";
    const now = {
      entry, text, lam, typed,
      reward: tree === parsed ? alone : Rewards.reward(tree, lam),
      score: score ? { reward: alone, formula: `${Formula.text(parsed)}${typed ? at : ""}` } : null,
      sum: score ? (lam === 1 || typed ? "c + S" : "c + lam*S") : "R",
      formula: `${Formula.text(tree)}${at}`,
    };
    now.thresholds = Rewards.thresholds(now.reward);
    now.verdict = Verdicts.verdict(now);
    return now;
  }

  /** The judged reward in one line, for the plots and the game. */
  const inOneLine = (one) => (one === null ? "No reward: see the mistake"
    : `R = ${one.score ? `${one.sum} = ` : ""}${one.formula}`);

  function update() {
    const problem = byId("formula-problem");
    try {
      now = read();
      problem.textContent = "";
    } catch (error) {
      if (!(error instanceof Formula.FormulaError)) throw error;
      now = null;
      problem.textContent = error.message;
    }
    const weightIsRight = weight() !== null;
    byId("formula").setAttribute("aria-invalid", String(now === null && weightIsRight));
    byId("lam-number").setAttribute("aria-invalid", String(!weightIsRight));
    byId("judged").textContent = inOneLine(now);
    const foreign = weightIsRight && Notation.mayBeForeign(byId("formula").value, problem.textContent);
    byId("formula-note").textContent = now === null ? "" : note(now);
    byId("foreign").textContent = now === null && foreign ? "If this is notation of papers or programs, such as np.log or \\frac: scoring-theory check reads it." : "";
    if (now === null) drawNothing();
    else {
      drawPayoffs(now);
      drawValues(now);
    }
    drawVerdict(now === null ? NO_VERDICT : now.verdict);
    for (const listener of listeners) listener(now);
  }

  /** The weight that is typed; null if it is not a number from 0 to 1000. */
  function weight() {
    const text = byId("lam-number").value;
    const lam = Number(text);
    return text !== "" && lam >= 0 && lam <= 1000 ? lam : null;
  }

  function note({ entry, score, typed, sum, lam }) {
    if (entry) {
      const constants = entry.constants.length ? ` Constants: ${entry.constants.join(", ")}.` : "";
      const base = entry.role === "score" ? "a score; it is added to correctness with the weight lam"
        : "a reward; lam weighs what it adds to correctness, so that lam = 1 is the reward itself";
      return `${entry.title}: ${base}.${constants}`;
    }
    const where = typed ? " lam stands where you typed it." : "";
    if (score) {
      return "Your formula S is a score: it pays no more for certain success than for certain failure, so alone it is not a reward."
        + ` The plots, the game and joint optimality are about ${sum}${sum === "c + S" ? "" : ` with lam = ${shown(lam)}`}.${where}`;
    }
    return typed ? `Your formula R rewards a right answer; it is judged as typed.${where}`
      : `Your formula R rewards a right answer; it is judged ${lam === 1 ? "as typed. Another weight lam makes it c + lam*(R - c)" : `with its weight, as c + lam*(R - c) with lam = ${shown(lam)}`}.`;
  }

  const NO_VERDICT = {
    claims: [{ formula: "", words: "No verdict", why: "the formula or its weight has a mistake" }],
    basis: "The verdict, the plots and the game follow when it is corrected.", facts: [], proof: "",
  };

  /** Both plots without curves, so that none is taken for that of the formula with a mistake. */
  function drawNothing() {
    for (const [id, xLabel, yLabel] of [["payoffs", "stated confidence q", "reward R(q, c)"], ["values", "success probability p", "expected reward V(p)"]]) {
      const plot = Drawing.plot(byId(id), { x: [0, 1], y: [-1, 1], xLabel, yLabel, label: "Nothing is drawn: the formula or its weight has a mistake." });
      plot.text(0.5, 0.1, "no formula to draw", "middle");
    }
  }

  const GRID = Array.from({ length: 401 }, (_, i) => i / 400);

  function drawPayoffs({ reward }) {
    const [right, wrong] = [reward.right, reward.wrong].map((payoff) => GRID.map((q) => [q, payoff(q)]));
    const all = [...right, ...wrong].map(([, value]) => value);
    const y = Drawing.range(all);
    const cut = Math.min(...all) < y[0] ? ` The plot is cut at ${shown(y[0], 3)}.` : "";
    const plot = Drawing.plot(byId("payoffs"), {
      x: [0, 1], y, xLabel: "stated confidence q", yLabel: "reward R(q, c)",
      label: `Payoffs by stated confidence. Right answer: ${shown(reward.right(0))} at q = 0, ${shown(reward.right(1))} at q = 1.`
        + ` Wrong answer: ${shown(reward.wrong(0))} at q = 0, ${shown(reward.wrong(1))} at q = 1.${cut}`,
    });
    plot.curve(right, "right");
    plot.curve(wrong, "wrong");
  }

  function drawValues({ reward, thresholds }) {
    const points = GRID.filter((_, i) => i % 2 === 0).map((p) => [p, reward.best(p).value]);
    const { local, global, start } = thresholds;
    const y = Drawing.range([...points.map(([, value]) => value), start], 6);
    const failing = global === null ? (Rewards.misreport(reward) ? "A misreport is better for some p." : "V never falls below V(0): there is no failure zone.")
      : `Global failure below p = ${shown(global)}, local failure below p = ${shown(local)}.`;
    const plot = Drawing.plot(byId("values"), {
      x: [0, 1], y, xLabel: "success probability p", yLabel: "expected reward V(p)",
      label: `Expected reward by success probability, from ${shown(start)} at p = 0 to ${shown(reward.best(1).value)} at p = 1. ${failing}`,
    });
    plot.zone(0, global, "global");
    plot.zone(0, local, "local");
    plot.line([0, start], [1, start], "start");
    plot.curve(points, "value");
  }

  /** What is claimed of which formula, in the words of `check`. */
  function claimed({ formula, words, why }) {
    const made = document.createElement("span");
    made.className = "claim";
    for (const [name, text] of [["code", formula], ["span", words], ["small", `(${why})`]]) {
      const part = document.createElement(name);
      part.textContent = text;
      if (text) made.append(part, " ");
    }
    return made;
  }

  function drawVerdict(verdict) {
    byId("headline").replaceChildren(...verdict.claims.map(claimed));
    byId("basis").textContent = verdict.basis;
    byId("proof").textContent = verdict.proof;
    byId("facts").replaceChildren(...verdict.facts.flatMap(([name, text]) => {
      const [term, description] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      description.textContent = text;
      return [term, description];
    }));
  }

  /** Choose an entry of the catalogue, at a weight or at the one that is set. */
  function choose(key, lam = null) {
    if (lam !== null) for (const id of ["lam", "lam-number"]) byId(id).value = lam;
    byId("entry").value = key;
    byId("formula").value = ENTRIES.get(key).family;
    update();
  }

  function begin() {
    byId("entry").append(option(OWN, "my own formula"), ...catalogueOptions());
    byId("entry").addEventListener("change", () => (ENTRIES.has(byId("entry").value) ? choose(byId("entry").value) : update()));
    byId("formula").addEventListener("input", () => { byId("entry").value = OWN; update(); });
    byId("lam").addEventListener("input", () => { byId("lam-number").value = byId("lam").value; update(); });
    byId("lam-number").addEventListener("input", () => { byId("lam").value = byId("lam-number").value; update(); });
    const offered = CATALOGUE.words.filter((word) => Object.hasOwn(Formula.ARITY, word) || Formula.SYNTAX.includes(word));
    const missing = CATALOGUE.words.filter((word) => !offered.includes(word));
    byId("words").textContent = `q, c, lam, numbers, brackets, ${offered.join("  ")}, and the names of the catalogue, as in c + lam*brier.`
      + (missing.length ? ` Not offered here, but in the package: ${missing.join("  ")}.` : "");
    choose("rlcr");
  }

  return { begin, choose, current, inOneLine, onChange };
})();
