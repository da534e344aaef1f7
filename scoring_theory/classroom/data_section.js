"use strict";
/* Part 4: a table of forecasts, its reliability diagram and its scores. */
const DataSection = (() => {
  let table = null;

  /** Invented forecasts that are too sure of themselves; the same ones each time. */
  function example() {
    const random = Bandit.uniforms(4);
    const rows = Array.from({ length: 200 }, () => {
      const q = Math.round((0.35 + 0.65 * random()) * 20) / 20;
      return `${q},${random() < 0.25 + 0.6 * q ** 2 ? 1 : 0}`;
    });
    return ["confidence,correct", ...rows].join("\n");
  }

  function fill(select, header, name) {
    select.replaceChildren(...(name === null ? [option("", "choose a column")] : []), ...header.map((column) => option(column, column)));
    select.value = name ?? "";
    select.disabled = false;
  }

  /** Read the text, then measure the chosen columns. */
  function read() {
    attempt(() => {
      table = null;
      for (const role of ["confidence", "correct"]) {
        byId(`${role}-column`).replaceChildren();
        byId(`${role}-column`).disabled = true;
      }
      const text = byId("table").value;
      if (!text.trim()) { clear(); return; }
      table = Calibration.read(text);
      for (const role of ["confidence", "correct"]) fill(byId(`${role}-column`), table.header, Calibration.guess(table.header, role));
      measure();
    });
  }

  function measure() {
    attempt(() => {
      if (table === null) return;
      const [confidence, correct] = ["confidence-column", "correct-column"].map((id) => byId(id).value);
      if (!confidence || !correct) {
        throw new Calibration.TableError(`choose the columns of the ${[confidence ? [] : ["confidence"], correct ? [] : ["outcome"]].flat().join(" and the ")}; no column is named ${[confidence ? [] : ["confidence"], correct ? [] : ["correct"]].flat().join(" or ")}, or similarly`);
      }
      show(Calibration.scores(Calibration.forecasts(table, confidence, correct, byId("percent").checked)));
      byId("columns-taken").textContent = `Confidence is the column ${Formula.quoted(confidence)}, outcome the column ${Formula.quoted(correct)};`
        + " other columns can be chosen above.";
    });
  }

  function attempt(work) {
    byId("data-problem").textContent = "";
    byId("columns-taken").textContent = "";
    byId("table").setAttribute("aria-invalid", "false");
    try {
      work();
    } catch (error) {
      if (!(error instanceof Calibration.TableError)) throw error;
      clear();
      byId("data-problem").textContent = error.message;
      byId("table").setAttribute("aria-invalid", "true");
    }
  }

  const ROWS = [
    ["n", "rows", ""],
    ["accuracy", "accuracy", "share of right answers"],
    ["confidence", "mean confidence", ""],
    ["ece", "ECE", "ten bins; smaller is better"],
    ["brier", "Brier score", "smaller is better"],
    ["miscalibration", "\u2003miscalibration", "0 is best"],
    ["discrimination", "\u2003discrimination", "larger is better"],
    ["uncertainty", "\u2003uncertainty", "of the outcomes alone"],
    ["withinBins", "\u2003within bins", "Brier = miscalibration - discrimination + uncertainty + within bins"],
    ["logLoss", "log loss", "smaller is better; inf if a certain answer is wrong"],
    ["auroc", "AUROC", "1/2: confidence does not separate right from wrong"],
  ];

  /** A row with a name, what it means in small letters, and a value. */
  function scoreRow([, name, words], value) {
    const row = tableRow([name, value]);
    if (words) {
      const small = document.createElement("small");
      small.textContent = ` ${words}`;
      row.firstElementChild.append(small);
    }
    return row;
  }

  function clear() {
    byId("scores").tBodies[0].replaceChildren(...ROWS.map((row) => scoreRow(row, "")));
    byId("bins").tBodies[0].replaceChildren();
    diagram([]);
  }

  function show(scores) {
    byId("scores").tBodies[0].replaceChildren(...ROWS.map((row) => scoreRow(row, shown(scores[row[0]]))));
    byId("bins").tBodies[0].replaceChildren(...scores.curve.map((bin) =>
      tableRow([`${shown(bin.low)} to ${shown(bin.high)}`, String(bin.n), bin.confidence.toFixed(3), bin.frequency.toFixed(3)])));
    diagram(scores.curve, scores);
  }

  function diagram(curve, scores) {
    const plot = Drawing.plot(byId("reliability"), {
      x: [0, 1], y: [0, 1], width: 540, height: 360, xLabel: "mean confidence", yLabel: "observed accuracy",
      label: curve.length ? `Reliability diagram of ${scores.n} rows in ${curve.length} bins: mean confidence ${shown(scores.confidence, 3)}, accuracy ${shown(scores.accuracy, 3)}, ECE ${shown(scores.ece, 3)}.`
        : "Reliability diagram without data.",
    });
    plot.line([0, 0], [1, 1], "start");
    const most = Math.max(...curve.map((bin) => bin.n));
    for (const bin of curve) plot.line([bin.confidence, bin.confidence], [bin.confidence, bin.frequency], "gap");
    for (const bin of curve) plot.dot(bin.confidence, bin.frequency, 3 + 11 * Math.sqrt(bin.n / most), "bin");
    if (!curve.length) plot.text(0.5, 0.55, "paste a table", "end");
  }

  async function open(file) {
    if (!file) return;
    byId("table").value = await file.text();
    read();
  }

  function begin() {
    byId("table").addEventListener("input", read);
    for (const id of ["confidence-column", "correct-column", "percent"]) byId(id).addEventListener("change", measure);
    byId("file").addEventListener("change", () => open(byId("file").files[0]));
    byId("example").addEventListener("click", () => { byId("table").value = example(); byId("percent").checked = false; read(); });
    const drop = byId("drop");
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      open(event.dataTransfer.files[0]);
    });
    clear();
  }

  return { begin };
})();
