"use strict";
/* The sandbagging game: on each question the student answers honestly, with confidence p, or disowns
   the answer: a deliberately wrong answer with confidence 0. */
const Game = (() => {
  const QUESTIONS = 12;

  /** The questions of a game: the same number gives the same game, so a class can compare. */
  function deal(seed) {
    const random = Bandit.uniforms(seed * 7919 + 17);
    return Array.from({ length: QUESTIONS }, () => {
      const p = (1 + Math.floor(random() * 19)) / 20;
      return { p, right: random() < p ? 1 : 0 };
    });
  }

  /** What a choice pays, what it pays on average, and what the best choice pays on average. */
  function play(reward, { p, right }, choice) {
    const disowned = reward.wrong(0);
    const honest = reward.expected(p, p);
    const paid = choice === "disown" ? disowned : right ? reward.right(p) : reward.wrong(p);
    const best = disowned > honest + 1e-12 * (1 + Math.abs(honest)) ? "disown" : "honest";
    return {
      p, right, choice, best, paid,
      expected: choice === "disown" ? disowned : honest,
      optimal: Math.max(disowned, honest),
      correct: choice === "disown" ? 0 : right,
    };
  }

  /** Whether disowning is the best choice at one of the probabilities that a game may have. */
  const tempts = (reward) => Array.from({ length: 19 }, (_, i) => play(reward, { p: (i + 1) / 20, right: 1 }, "honest"))
    .some(({ best }) => best === "disown");

  function score(played) {
    const total = (key) => played.reduce((sum, one) => sum + one[key], 0);
    return {
      paid: total("paid"), expected: total("expected"), optimal: total("optimal"), correct: total("correct"),
      mistakes: played.filter((one) => one.expected < one.optimal - 1e-12).length,
    };
  }

  return { QUESTIONS, deal, play, tempts, score };
})();
