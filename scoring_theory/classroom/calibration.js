"use strict";
/* A table of stated confidences and outcomes, read and measured as in scoring_theory.calibration.
   Nothing leaves the page: there is no request in this file, and the page allows none. */
const Calibration = (() => {
  class TableError extends Error {}
  const MOST = 200 * 1024 * 1024;
  const NAMES = JSON.parse(document.getElementById("catalogue").textContent).columns;
  const WORDS = new Map([
    ...["true", "yes", "right", "correct"].map((word) => [word, 1]), ...["false", "no", "wrong", "incorrect"].map((word) => [word, 0]),
  ]);
  const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
  const shown = (text) => (text === "" ? "nothing" : Formula.quoted(text.length > 80 ? `${text.slice(0, 80)}...` : text));

  /** The rows of a text with delimiters and double quotes: [fields, line of their end]. */
  function rowsOf(text, delimiter) {
    const rows = [];
    let [fields, field, line, state] = [[], "", 1, "start"];
    const close = () => { fields.push(field); [field, state] = ["", "start"]; };
    const end = () => {
      close();
      if (fields.length > 1 || fields[0] !== "") rows.push([fields, line]);
      fields = [];
    };
    for (let i = 0; i < text.length; i += 1) {
      const sign = text[i];
      if (state === "quoted") {
        if (sign === '"') state = "quote";
        else { field += sign; if (sign === "\n") line += 1; }
      } else if (state === "quote" && sign === '"') { field += '"'; state = "quoted"; }
      else if (sign === delimiter) close();
      else if (sign === "\n" || sign === "\r") {
        if (sign === "\r" && text[i + 1] === "\n") i += 1;
        end();
        line += 1;
      } else if (state === "quote") {
        throw new TableError(`line ${line}: after a closing quote, ${shown(delimiter)} or the end of the line is expected, got ${shown(sign)}`);
      } else if (sign === '"' && state === "start") state = "quoted";
      else { field += sign; state = "plain"; }
    }
    if (state === "quoted") throw new TableError(`line ${line}: a quote is opened and not closed`);
    if (field || fields.length) end();
    return rows;
  }

  /** The header and the rows of a table; the delimiter is the one that the header has. */
  function read(text) {
    if (text.length > MOST) throw new TableError(`a table may have at most ${MOST} characters, got ${text.length}`);
    const plain = text.replace(/^\ufeff/, "");
    if (!plain.trim()) throw new TableError("the table is empty; its first line must name the columns, such as confidence,correct");
    const firstLine = plain.split(/\r?\n/, 1)[0];
    const delimiter = [",", ";", "\t"].reduce((best, sign) => (firstLine.split(sign).length > firstLine.split(best).length ? sign : best));
    const [[header], ...rows] = rowsOf(plain, delimiter);
    const twice = header.find((name, i) => header.indexOf(name) < i);
    if (twice !== undefined) throw new TableError(`every column must have its own name, got ${shown(twice)} twice`);
    for (const [fields, line] of rows) {
      if (fields.length !== header.length) {
        const commas = delimiter === "," && fields.length > header.length ? "; with decimal commas, separate the fields by semicolons" : "";
        throw new TableError(`line ${line}: ${header.length} fields expected, got ${fields.length}${commas}`);
      }
    }
    if (header.length < 2) {
      throw new TableError(`line 1: two columns are needed, separated by a comma, a semicolon or a tab, got ${shown(firstLine)}`);
    }
    if (header.every((name) => !Number.isNaN(number(name, true)))) {
      throw new TableError(`line 1: the names of the columns are needed, such as confidence,correct, got the numbers ${shown(firstLine)}`);
    }
    if (!rows.length) throw new TableError("there are no rows below the names of the columns");
    return { header, rows, delimiter };
  }

  /** The column for a role, by the first of its names that exists; null if no column has one. */
  function guess(header, role) {
    const plain = header.map((name) => name.trim().toLowerCase().replace(/[\s-]+/g, "_"));
    const at = NAMES[role].map((name) => plain.indexOf(name)).find((place) => place >= 0);
    return at === undefined ? null : header[at];
  }

  /** Confidences and outcomes of two columns of a table; `percent` divides confidences by 100. */
  function forecasts({ header, rows, delimiter }, confidence, correct, percent = false) {
    const [at, outcomeAt] = [confidence, correct].map((name) => {
      if (!header.includes(name)) {
        throw new TableError(`there is no column ${shown(name ?? "")}; the columns are ${header.map(shown).join(", ")}`);
      }
      return header.indexOf(name);
    });
    const pointed = (text) => (delimiter === "," ? text : text.replace(/^([^,.]*),([^,.]*)$/, "$1.$2"));
    const stated = rows.map(([fields]) => number(pointed(fields[at]), percent));
    const where = (row) => `row ${row + 1} (line ${rows[row][1]})`;
    if (!percent && stated.some((q) => q > 1) && stated.every((q) => !(q < 0) && !(q > 100))) {
      const row = stated.findIndex((q) => q > 1);
      throw new TableError(`${where(row)}: \`${confidence}\` must be a number in [0, 1], got ${shown(rows[row][0][at])};`
        + " if the table states percentages, tick the box for percentages");
    }
    const q = stated.map((x, row) => {
      const scaled = percent ? x / 100 : x;
      if (scaled >= 0 && scaled <= 1) return scaled;
      const text = rows[row][0][at];
      const rule = percent ? "a percentage in [0, 100]" : "a number in [0, 1]";
      const hint = /^\s*[0-9]+,[0-9]+\s*$/.test(text) ? "; write decimals with a point"
        : text.trim().endsWith("%") && !percent ? "; if the table states percentages, tick the box for percentages" : "";
      throw new TableError(`${where(row)}: \`${confidence}\` must be ${rule}, got ${shown(text)}${hint}`);
    });
    const c = rows.map(([fields], row) => {
      const text = fields[outcomeAt].trim();
      const x = WORDS.get(text.toLowerCase()) ?? number(pointed(text), false);
      if (x === 0 || x === 1) return x;
      const swapped = q.every((value) => value === 0 || value === 1) ? ", and every confidence is 0 or 1: are the two columns swapped?" : "";
      throw new TableError(`${where(row)}: \`${correct}\` must be 0 or 1 (or yes or no), got ${shown(fields[outcomeAt])}${swapped}`);
    });
    return { q, c };
  }

  function number(text, percent) {
    const plain = percent ? text.trim().replace(/%$/, "").trim() : text.trim();
    return NUMBER.test(plain) ? Number(plain) : NaN;
  }

  const mean = (xs) => sum(xs) / xs.length;

  /** The sum, with the rounding errors carried along (Neumaier). */
  function sum(xs) {
    let [total, lost] = [0, 0];
    for (const x of xs) {
      const next = total + x;
      if (Number.isFinite(next)) lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
      total = next;
    }
    return total + (Number.isFinite(total) ? lost : 0);
  }

  /** Bins [k/bins, (k+1)/bins) of equal width, the last one closed; empty bins are left out. */
  function reliability({ q, c }, bins = 10) {
    const edges = Array.from({ length: bins - 1 }, (_, k) => (k + 1) / bins);
    const members = Array.from({ length: bins }, () => []);
    q.forEach((x, i) => members[edges.filter((edge) => x >= edge).length].push(i));
    return members.flatMap((rows, k) => (rows.length ? [{
      low: k / bins, high: (k + 1) / bins, n: rows.length,
      confidence: mean(rows.map((i) => q[i])), frequency: mean(rows.map((i) => c[i])), rows,
    }] : []));
  }

  /** Murphy's parts: Brier = miscalibration - discrimination + uncertainty + within bins. */
  function parts({ q, c }, curve) {
    const [n, overall] = [q.length, mean(c)];
    const share = (f) => sum(curve.map((bin) => (bin.n / n) * f(bin)));
    return {
      miscalibration: share((bin) => (bin.confidence - bin.frequency) ** 2),
      discrimination: share((bin) => (bin.frequency - overall) ** 2),
      uncertainty: overall * (1 - overall),
      withinBins: sum(curve.flatMap((bin) => bin.rows.map((i) => {
        const away = q[i] - bin.confidence;
        return away * away - 2 * away * c[i];
      }))) / n,
    };
  }

  /** P(a right answer has more confidence than a wrong one), ties counted one half. */
  function auroc({ q, c }) {
    const order = q.map((_, i) => i).sort((i, j) => q[i] - q[j]);
    let [below, inOrder, at] = [0, 0, 0];
    while (at < order.length) {
      let [right, wrong] = [0, 0];
      const value = q[order[at]];
      for (; at < order.length && q[order[at]] === value; at += 1) c[order[at]] ? (right += 1) : (wrong += 1);
      inOrder += right * (below + wrong / 2);
      below += wrong;
    }
    const rights = q.length - below;
    return rights && below ? inOrder / (rights * below) : NaN;
  }

  function scores(data) {
    const { q, c } = data;
    const curve = reliability(data);
    return {
      n: q.length,
      accuracy: mean(c),
      confidence: mean(q),
      ece: sum(curve.map((bin) => (bin.n / q.length) * Math.abs(bin.confidence - bin.frequency))),
      brier: mean(q.map((x, i) => (x - c[i]) ** 2)),
      ...parts(data, curve),
      logLoss: 0 - mean(q.map((x, i) => (c[i] ? Math.log(x) : Math.log1p(-x)))),
      auroc: auroc(data),
      curve,
    };
  }

  return { TableError, read, guess, forecasts, scores };
})();
