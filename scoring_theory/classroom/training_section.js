"use strict";
/* Part 3: the small bandit and its exact mean field, drawn as they move. */
const TrainingSection = (() => {
  const ABOVE = "above";
  const CHOICES = [["binary", "binary: c"], ["c + brier", "c + brier (RLCR)"], ["c + log", "c + log"], ["c + spherical", "c + spherical"], ["-abs(q - c)", "-abs(q - c), improper"]];
  const STEPS = Bandit.SETTING.steps;
  let [payoffs, run, field, runs, seed, moving] = [null, null, null, [], 1, 0];

  function chosen() {
    if (byId("trained").value === ABOVE) {
      const now = RewardSection.current();
      if (now === null) throw new Formula.FormulaError("the formula or its weight above has a mistake");
      return now.reward;
    }
    return Rewards.reward(Formula.parse(byId("trained").value, [], FORMULAS), 1);
  }

  /** Everything anew: the mean field at step 0, and no runs. */
  function clear() {
    stop();
    byId("training-problem").textContent = "";
    try {
      const reward = chosen();
      payoffs = Bandit.table(reward.right, reward.wrong);
      if (payoffs.flat().some((paid) => !Number.isFinite(paid))) {
        throw new Formula.FormulaError("training needs finite payoffs at every confidence between 0 and 1");
      }
    } catch (error) {
      if (!(error instanceof Formula.FormulaError)) throw error;
      payoffs = null;
      byId("training-problem").textContent = error.message;
    }
    [field, run, runs] = [started(), null, []]; // the last run was trained with another reward
    another();
  }

  function started() {
    const state = Bandit.start(byId("coupled").checked);
    return { state, points: [Bandit.measured(state)] };
  }

  function another() {
    if (run !== null && run.state.step > 0) runs = [...runs.slice(-9), run];
    seed += 1;
    run = { ...started(), random: Bandit.uniforms(seed) };
    draw();
  }

  /** A few steps of the run, and of the mean field as far as the run. */
  function advance(steps) {
    for (let i = 0; i < steps && run.state.step < STEPS; i += 1) {
      Bandit.train(run.state, payoffs, run.random);
      if (run.state.step % 5 === 0) run.points.push(Bandit.measured(run.state));
      if (field.state.step < run.state.step) {
        Bandit.expected(field.state, payoffs);
        if (field.state.step % 5 === 0) field.points.push(Bandit.measured(field.state));
      }
    }
    if (run.state.step >= STEPS) stop();
    draw();
    if (run.state.step >= STEPS) {
      byId("training-words").textContent = summary();
    }
  }

  function stop() {
    cancelAnimationFrame(moving);
    moving = 0;
  }

  function go() {
    if (moving) { stop(); draw(); return; }
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) { advance(STEPS); return; }
    const frame = () => {
      moving = requestAnimationFrame(frame);
      advance(3);
    };
    moving = requestAnimationFrame(frame);
  }

  const last = ({ points }) => points[points.length - 1];

  function summary() {
    const [first, end] = [run.points[0], last(run)];
    const gap = end.confidence - end.accuracy;
    return `Confidence went from ${shown(first.confidence, 3)} to ${shown(end.confidence, 3)}, accuracy from ${shown(first.accuracy, 3)} to ${shown(end.accuracy, 3)}: `
      + (Math.abs(gap) < 0.08 ? "nearly calibrated on average." : gap > 0 ? `overconfident by ${shown(gap, 3)}.` : `underconfident by ${shown(-gap, 3)}.`);
  }

  function draw() {
    const [now, exact] = [last(run), last(field)];
    const plot = Drawing.plot(byId("curves"), {
      x: [0, STEPS], y: [0, 1], width: 540, height: 360, xLabel: "training step", yLabel: "confidence, accuracy",
      label: `Training curves. At step ${now.step}: mean confidence ${shown(now.confidence, 3)}, accuracy ${shown(now.accuracy, 3)}; mean field ${shown(exact.confidence, 3)} and ${shown(exact.accuracy, 3)}.`,
    });
    const curve = (one, key, name) => plot.curve(one.points.map((point) => [point.step, point[key]]), name);
    for (const key of ["confidence", "accuracy"]) {
      for (const old of runs) curve(old, key, `${key} old`);
      curve(field, key, `${key} field`);
      curve(run, key, key);
    }
    for (const [name, point] of [["now", now], ["field", exact]]) {
      byId(`${name}-step`).textContent = String(point.step);
      byId(`${name}-confidence`).textContent = point.confidence.toFixed(3);
      byId(`${name}-accuracy`).textContent = point.accuracy.toFixed(3);
      byId(`${name}-gap`).textContent = (point.confidence - point.accuracy).toFixed(3);
    }
    if (run.state.step === 0) byId("training-words").textContent = "";
    byId("run").textContent = moving ? "Pause" : run.state.step === 0 ? "Train" : run.state.step < STEPS ? "Go on" : "Finished";
    byId("again").disabled = payoffs === null;
    byId("run").disabled = payoffs === null || run.state.step >= STEPS;
  }

  function begin() {
    const above = option(ABOVE, "the reward above");
    byId("trained").append(...CHOICES.map(([formula, title]) => option(formula, title)), above);
    byId("trained").addEventListener("change", clear);
    byId("coupled").addEventListener("change", clear);
    byId("run").addEventListener("click", go);
    byId("again").addEventListener("click", () => { stop(); another(); go(); });
    byId("clear").addEventListener("click", clear);
    const named = (now) => { above.textContent = `the reward above${now === null ? " (it has a mistake)" : `: ${now.formula}`}`; };
    RewardSection.onChange((now) => {
      named(now);
      if (byId("trained").value === ABOVE) clear();
    });
    named(RewardSection.current());
    clear();
  }

  return { begin };
})();
