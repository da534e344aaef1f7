"use strict";
/* The coupled agent of the package (simulations/agents/coupled.py) in a small world, sampled and as
   its exact mean field (simulations/meanfield.py, coupled_motion).

     pi(y | x) = softmax(phi W)_y
     confidence = sigmoid(b logit(pi_y) + phi . u + noise), rounded to a level

   The answer weights W and the confidence share the answer probability pi_y: this is the coupling.
   Every step visits all questions with a group of rollouts, subtracts the mean reward of the group,
   and follows the policy gradient. Under a reward that ignores confidence, b and u do not move in
   expectation, and confidence rises because pi_y does. */
const Bandit = (() => {
  const SETTING = {
    features: [-1, -0.5, 0, 0.5, 1].map((x) => [1, x]),
    truth: [0.25, 0.4, 0.55, 0.7, 0.85].map((p) => [p, p / 2, 0]),
    levels: 101, group: 8, rate: 0.05, answerSpeed: 4, exploration: 0.5, headStart: 0.5, steps: 600,
  };
  const { features, truth, levels, group, answerSpeed, exploration } = SETTING;
  const QUESTIONS = features.length;
  const ANSWERS = truth[0].length;
  const SIZE = features[0].length;
  const FLOOR = 1e-4; // a payoff of -Infinity at confidence 0 or 1 is replaced by the one this far inside

  const mean = (xs) => xs.reduce((a, b) => a + b, 0) / xs.length;
  const dot = (a, b) => a.reduce((total, x, i) => total + x * b[i], 0);
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const levelOf = (z) => Math.floor((levels - 1) * sigmoid(z) + 0.5);

  /** The payoffs of a reward at the levels: [wrong, right]. */
  function table(right, wrong) {
    return [wrong, right].map((payoff) => Array.from({ length: levels }, (_, level) => {
      const q = level / (levels - 1);
      const paid = payoff(q);
      return paid === -Infinity && (q === 0 || q === 1) ? payoff(q ? 1 - FLOOR : FLOOR) : paid;
    }));
  }

  /** The state before training: weak agreement with the truth, and b = 1 or, uncoupled, 0. */
  function start(coupled, rate = SETTING.rate) {
    const better = truth.map((row) => row.map((p) => p - mean(row)));
    const direction = Array.from({ length: SIZE }, (_, j) => {
      const size = features.reduce((total, phi) => total + phi[j] ** 2, 0);
      return better[0].map((_, k) => features.reduce((total, phi, x) => total + phi[j] * better[x][k], 0) / size);
    }); // least squares; the two features are orthogonal
    const logits = features.flatMap((phi) => logitsOf(phi, direction));
    const spread = Math.sqrt(mean(logits.map((z) => (z - mean(logits)) ** 2)));
    const weights = direction.map((row) => row.map((w) => (w * SETTING.headStart) / spread));
    const odds = features.map((phi) => {
      const { pi, logOdds } = policy(phi, weights);
      return dot(pi, logOdds);
    });
    return { coupled, rate, weights, slope: coupled ? 1 : 0, head: [coupled ? 0 : mean(odds), 0], step: 0 };
  }

  const logitsOf = (phi, weights) => weights[0].map((_, k) => phi.reduce((total, f, j) => total + f * weights[j][k], 0));

  function policy(phi, weights) {
    const logits = logitsOf(phi, weights);
    const top = Math.max(...logits);
    const shares = logits.map((z) => Math.exp(z - top));
    const total = shares.reduce((a, b) => a + b, 0);
    const others = shares.map((_, k) => shares.reduce((sum, s, j) => (j === k ? sum : sum + s), 0));
    return { pi: shares.map((s) => s / total), logOdds: shares.map((s, k) => Math.log(s / others[k])) };
  }

  /** Add `changes` to the state; all of them are means over the rollouts. */
  function move(state, changes) {
    const { rate } = state;
    state.weights.forEach((row, j) => row.forEach((_, k) => { row[k] += answerSpeed * rate * changes.weights[j][k]; }));
    state.head.forEach((_, j) => { state.head[j] += rate * changes.head[j]; });
    if (state.coupled) state.slope += rate * changes.slope;
    state.step += 1;
  }

  const noChanges = () => ({ weights: features[0].map(() => truth[0].map(() => 0)), slope: 0, head: features[0].map(() => 0) });

  /** One step of training with sampled answers, confidences and outcomes. */
  function train(state, payoffs, random) {
    const changes = noChanges();
    features.forEach((phi, x) => {
      const { pi, logOdds } = policy(phi, state.weights);
      const rollouts = Array.from({ length: group }, () => {
        let [y, left] = [0, random() - pi[0]];
        while (left >= 0 && y < ANSWERS - 1) left -= pi[(y += 1)];
        const noise = exploration * normal(random);
        const level = levelOf(state.slope * logOdds[y] + dot(phi, state.head) + noise);
        const right = random() < truth[x][y] ? 1 : 0;
        return { y, score: noise / exploration ** 2, reward: payoffs[right][level] };
      });
      const baseline = mean(rollouts.map((one) => one.reward));
      for (const { y, score, reward } of rollouts) {
        const advantage = (reward - baseline) / (group * QUESTIONS);
        changes.slope += advantage * score * logOdds[y];
        phi.forEach((f, j) => {
          changes.head[j] += advantage * score * f;
          pi.forEach((share, k) => { changes.weights[j][k] += advantage * f * ((k === y ? 1 : 0) - share); });
        });
      }
    });
    move(state, changes);
  }

  const CUTS = Array.from({ length: levels - 1 }, (_, l) => Math.log((l + 0.5) / (levels - 1.5 - l)));

  /** One step of the expected update: every answer, level and outcome with its probability. */
  function expected(state, payoffs) {
    const changes = noChanges();
    const factor = (1 - 1 / group) / QUESTIONS; // the mean of the group contains the rollout itself
    features.forEach((phi, x) => {
      const { pi, logOdds } = policy(phi, state.weights);
      const answers = pi.map((_, y) => {
        const centre = state.slope * logOdds[y] + dot(phi, state.head);
        let [earned, pull, below, density] = [0, 0, 0, 0];
        for (let level = 0; level < levels; level += 1) {
          const paid = payoffs[0][level] + truth[x][y] * (payoffs[1][level] - payoffs[0][level]);
          const edge = level < levels - 1 ? (CUTS[level] - centre) / exploration : Infinity;
          const [nextBelow, nextDensity] = [cumulative(edge), Math.exp(-edge * edge / 2) / Math.sqrt(2 * Math.PI)];
          earned += (nextBelow - below) * paid;
          pull += (density - nextDensity) * paid;
          [below, density] = [nextBelow, nextDensity];
        }
        return { earned, turn: pull / exploration };
      });
      const value = answers.reduce((total, { earned }, y) => total + pi[y] * earned, 0);
      answers.forEach(({ earned, turn }, y) => {
        changes.slope += factor * pi[y] * turn * logOdds[y];
        phi.forEach((f, j) => {
          changes.head[j] += factor * f * pi[y] * turn;
          changes.weights[j][y] += factor * f * pi[y] * (earned - value);
        });
      });
    });
    move(state, changes);
  }

  /** Mean stated confidence and accuracy of the policy, exactly, without exploration noise. */
  function measured(state) {
    let [confidence, accuracy] = [0, 0];
    features.forEach((phi, x) => {
      const { pi, logOdds } = policy(phi, state.weights);
      pi.forEach((share, y) => {
        const level = levelOf(state.slope * logOdds[y] + dot(phi, state.head));
        confidence += (share * level) / (levels - 1) / QUESTIONS;
        accuracy += (share * truth[x][y]) / QUESTIONS;
      });
    });
    return { step: state.step, confidence, accuracy };
  }

  /** The standard normal distribution function: a series near 0, a continued fraction beyond. */
  function cumulative(x) {
    if (x < 0) return x < -38 ? 0 : 1 - cumulative(-x);
    if (x > 9) return 1;
    const density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    if (x < 4) {
      let [term, total] = [x, x];
      for (let n = 3; term > 1e-17 * total; n += 2) total += (term *= (x * x) / n);
      return 0.5 + density * total;
    }
    let tail = x;
    for (let n = 40; n > 0; n -= 1) tail = x + n / tail;
    return 1 - density / tail;
  }

  /** A normal number from two uniform ones (Box and Muller). */
  const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  /** Uniform numbers in [0, 1) that depend on the seed alone (mulberry32). */
  function uniforms(seed) {
    let a = seed >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  return { SETTING, table, start, train, expected, measured, cumulative, uniforms };
})();
