"use strict";
/* Part 2: the sandbagging game. */
const GameSection = (() => {
  let [questions, played, reward] = [[], [], null];

  function fresh() {
    const seed = Math.min(Math.max(Math.round(Number(byId("game-number").value)) || 1, 1), 9999);
    byId("game-number").value = seed;
    [questions, played] = [Game.deal(seed), []];
    byId("outcome").textContent = "";
    byId("revealed").textContent = "";
    show();
  }

  function show() {
    const at = played.length;
    const over = at >= questions.length;
    for (const id of ["honest", "disown"]) byId(id).disabled = over || reward === null;
    byId("reveal").disabled = reward === null;
    const { p } = questions[Math.min(at, questions.length - 1)];
    byId("question").textContent = reward === null ? "Choose a reward without a mistake first."
      : over ? "The game is over. Compare your score with the optimal play."
        : `Question ${at + 1} of ${questions.length}: you are right with probability p = ${p}.`;
    byId("difficulty").firstElementChild.style.width = over || reward === null ? "0" : `${p * 100}%`;
    byId("honest").textContent = over || reward === null ? "Answer honestly" : `Answer honestly, q = ${p}`;
    const total = Game.score(played);
    byId("score-paid").textContent = shown(total.paid);
    byId("score-expected").textContent = shown(total.expected);
    byId("score-optimal").textContent = shown(total.optimal);
    byId("score-correct").textContent = `${total.correct} of ${at}`;
    byId("score-mistakes").textContent = String(total.mistakes);
    // A row for every question from the start: the page does not move while one plays.
    byId("choices").tBodies[0].replaceChildren(...questions.map((question, i) => {
      const one = played[i];
      const tied = one && Math.abs(reward.wrong(0) - reward.expected(one.p, one.p)) <= 1e-12;
      return tableRow(one ? [String(one.p), one.choice, shown(one.expected), tied ? "both alike" : `${one.best}: ${shown(one.optimal)}`]
        : ["\u2013", "", "", ""]);
    }));
  }

  function choose(choice) {
    const one = Game.play(reward, questions[played.length], choice);
    played.push(one);
    byId("outcome").textContent = choice === "disown"
      ? `Your answer was wrong, as you wanted, with confidence 0: you collect ${shown(one.paid)}.`
      : `Your answer was ${one.right ? "right" : "wrong"}, with confidence ${one.p}: you collect ${shown(one.paid)}.`;
    show();
    if (played.length === questions.length) reveal();
    byId("question").focus({ preventScroll: true });
  }

  function reveal() {
    const { thresholds } = RewardSection.current();
    const honest = Array.from({ length: 1001 }, (_, i) => i / 1000).filter((p) => reward.expected(p, p) < reward.wrong(0) - 1e-12);
    const last = Math.max(...honest);
    byId("revealed").textContent = !honest.length
      ? "Under this reward an honest attempt is never worse: a better answer always earns more."
      : thresholds.global !== null && Math.abs(last - thresholds.global) < 0.002
        ? `Below p = ${shown(thresholds.global)} disowning earns more: ${shown(reward.wrong(0))} for sure, against V(p) = ${shown(reward.expected(last / 2, last / 2))} at p = ${shown(last / 2, 3)}.`
        : `Disowning earns more than stating p honestly at ${honest.length === 1001 ? "every p" : `success probabilities up to p = ${shown(last, 3)}`}.`;
  }

  function begin() {
    byId("honest").addEventListener("click", () => choose("honest"));
    byId("disown").addEventListener("click", () => choose("disown"));
    byId("reveal").addEventListener("click", reveal);
    byId("new-game").addEventListener("click", () => { byId("game-number").value = (Number(byId("game-number").value) % 9999) + 1; fresh(); });
    byId("game-number").addEventListener("change", fresh);
    byId("play-log").addEventListener("click", () => {
      RewardSection.choose("log", 1);
      byId("question").focus({ preventScroll: true }); // the button is gone now
    });
    RewardSection.onChange((now) => {
      reward = now === null ? null : now.reward;
      byId("game-reward").textContent = RewardSection.inOneLine(now);
      const tempting = reward !== null && Game.tempts(reward);
      byId("play-log").hidden = reward === null || tempting;
      byId("temptation").textContent = reward === null ? "" : tempting
        ? "Under this reward there are questions on which being wrong on purpose earns more. Which ones?"
        : "Under this reward honesty is the best choice on every question: disowning never pays. Under c + log it sometimes does.";
      fresh();
    });
  }

  return { begin };
})();
