"use strict";
/* The verdict on a reward: from the proofs of the catalogue, or else from what the page measures. */
const Verdicts = (() => {
  const TIED = "it rewards accuracy only: every confidence has the same expected reward";

  /** What is proved about c + lam S for every lam > 0, by the entry and its largest safe weight lam*. */
  function proved({ entry, lam, reward, thresholds }) {
    const { proper, critical } = entry;
    const improper = proper.status === "refuted";
    const star = critical === null ? null : critical.value === "inf" ? Infinity : critical.value;
    const joint = !improper && (lam === 0 || lam <= star);
    const strict = proper.strict && lam > 0;
    const words = [improper && lam > 0 ? "IMPROPER" : strict ? "STRICTLY PROPER" : "WEAKLY PROPER"];
    if (lam === 0) return { words: ["WEAKLY PROPER", "JOINTLY OPTIMAL"], facts: [["why", `at lam = 0 the reward is c; ${TIED}`]] };
    words.push(joint ? "JOINTLY OPTIMAL" : "NOT JOINTLY OPTIMAL");
    const facts = [["proper", improper ? `refuted: ${misreported(reward, entry)}` : `proved${strict ? ", strictly" : ", not strictly"}: ${entry.proper.reason}`]];
    facts.push(["jointly optimal", joint ? `proved: lam = ${shown(lam)} is not above the largest safe weight lam* = ${weight(critical)}`
      : improper ? "refuted: a misreport is better even with a single answer"
        : `refuted: ${sandbagged(reward, thresholds)}`]);
    if (critical !== null) {
      facts.push(["critical weight", `lam* = ${weight(critical)} (c + lam S is jointly optimal for ${star === Infinity ? "every lam" : star === 0 ? "no lam > 0" : "lam <= lam*"})`]);
    }
    return { words, facts };
  }

  const weight = ({ exact, value }) => (exact === shown(Number(value)) || value === "inf" ? exact : `${exact} = ${shown(value)}`);

  /** The misreport that the package found; c + lam S has the same one for every lam > 0. */
  function misreported(reward, { proper }) {
    const [p, q] = [proper.witness.p, proper.witness.q].map(exactNumber);
    return `p = ${proper.witness.p}: expected reward ${shown(reward.expected(p, p), 6)} with truthful q = p,`
      + ` ${shown(reward.expected(p, q), 6)} with q = ${proper.witness.q}`;
  }

  /** An example of a deliberately wrong answer that earns more. */
  function sandbagged(reward, { global }) {
    const found = global === null ? null : Rewards.sandbag(reward, global);
    if (found === null) return "the failing success probabilities are too small for this page to show";
    return `p = ${shown(found.p)}: expected reward ${shown(found.honest)} with truthful q = p,`
      + ` ${shown(found.earned)} for a deliberately wrong answer with q = 0`;
  }

  /** What the page finds on a grid, for a formula that the package has not proved; properness is that of a score alone. */
  function measured({ reward, score, sum, thresholds }) {
    const reporting = score === null ? reward : score.reward;
    const lie = Rewards.misreport(reporting);
    const tied = lie === null ? Rewards.tie(reporting) : null;
    const worse = score === null ? lie : Rewards.misreport(reward);
    const [reports, answers] = score === null ? ["proper", "jointly optimal"] : ["proper, S alone", `jointly optimal, ${sum}`];
    const facts = [[reports, lie
      ? `no: p = ${shown(lie.p)}: expected reward ${shown(lie.honest, 6)} with truthful q = p, ${shown(lie.earned, 6)} with q = ${shown(lie.q)}`
      : tied ? `no better misreport found; at p = ${shown(tied.p)} the report q = ${shown(tied.q)} earns the same`
        : "no report found that earns as much as q = p"]];
    if (score) facts.push(["as a reward", "a score does not reward a correct answer, so alone it is not a reward"]);
    const failing = thresholds.global !== null;
    facts.push([answers, failing ? `no: ${sandbagged(reward, thresholds)}`
      : worse ? "no: a misreport is better even with a single answer" : "no success probability found at which being wrong on purpose earns more"]);
    return {
      words: [lie ? "IMPROPER" : tied ? "WEAKLY PROPER" : "STRICTLY PROPER", failing || worse ? "NOT JOINTLY OPTIMAL" : "JOINTLY OPTIMAL"],
      facts,
    };
  }

  function numbers({ thresholds: { local, global }, reward, score, sum }) {
    const failing = global === null ? [] : [
      ["local failure", `${shown(local)} (for p below this value, expected reward decreases with accuracy)`],
      ["global failure", `${shown(global)} (for p below this value, a deliberately wrong answer with q = 0 earns more)`],
    ];
    return [...failing, ...(score ? [["payoffs of S", range(score.reward)], [`payoffs of ${sum}`, range(reward)]] : [["payoffs", range(reward)]])];
  }

  function range({ grid, right, wrong }) {
    const all = grid.flatMap((q) => [right(q), wrong(q)]);
    return `from ${shown(Math.min(...all))} to ${shown(Math.max(...all))}`;
  }

  /** What is claimed of which formula: of a reward both properties; properness of a score S alone, joint optimality of c + S. */
  function claims({ score, sum, formula, thresholds }, [proper, joint]) {
    const optimal = joint === "JOINTLY OPTIMAL";
    const earnings = optimal ? "giving the most likely answer with its true probability maximises expected reward"
      : proper === "IMPROPER" ? "for some p a misreport has a larger expected reward"
        : `${thresholds.global === null ? "on hard questions" : thresholds.global === 1 ? "for every p < 1" : `below p = ${shown(thresholds.global)}`} a deliberately wrong answer earns more`;
    if (score === null) {
      const ties = optimal && proper === "WEAKLY PROPER" ? "; other confidences tie with the true one" : "";
      return [{ formula: `R = ${formula}`, words: `${proper} · ${joint}`, why: `${earnings}${ties}` }];
    }
    const reports = {
      "STRICTLY PROPER": "the true probability is the only confidence with the largest expected score",
      "WEAKLY PROPER": "the true probability is a confidence with the largest expected score; other confidences tie with it",
      "IMPROPER": "for some p a misreport has a larger expected score",
    };
    return [
      { formula: `S = ${score.formula}`, words: proper, why: `it is a score: ${reports[proper]}` },
      { formula: `${sum} = ${formula}`, words: joint, why: earnings },
    ];
  }

  function verdict(now) {
    const { entry } = now;
    const { words, facts } = entry ? proved(now) : measured(now);
    return {
      claims: claims(now, words), facts: [...facts, ...numbers(now)], proof: entry ? certificate(entry) : command(now),
      basis: entry ? "Proved by the package for this entry; the numbers of examples and thresholds are computed here."
        : "Evaluated numerically on this page, on a grid of p and q: not a proof.",
    };
  }

  const certificate = ({ source, certificate: { file, sha256, claims } }) =>
    `Source: ${source}. Certificate: certificates/${file}, sha256 ${sha256}. It proves: ${claims.join("; ")}.`;

  /** The command that proves what is claimed; of c + lam S for a score S it says for which lam it is jointly optimal. */
  function command({ text, formula, score, typed, lam }) {
    const reweighted = !score && !typed && lam !== 1;
    const judged = reweighted ? formula.split(", lam =")[0] : text;
    const parameter = typed || reweighted ? ` --param lam=${lam}` : "";
    return `For a proof: scoring-theory check "${judged.replace(/["\\$`]/g, "\\$&")}"${parameter}`
      + (score ? ". Its line \"as a reward\" says for which lam the reward c + lam S is jointly optimal." : "");
  }

  return { verdict };
})();
