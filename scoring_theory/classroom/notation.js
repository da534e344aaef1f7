"use strict";
/* Harmless notation of papers, rewritten into the grammar as scoring_theory/expression/aliases.py does:
   a left side such as R(q, c) =, implicit products, |x|, square and curly brackets, signs and powers of
   Unicode, words for q and c, and functions under other names. What the grammar accepts is never
   rewritten. TeX fractions, methods, indicators, `return` and `lambda` are read by the command alone.

   Notation.parse(text, parameters, entries)   as Formula.parse, for what is typed */
const Notation = (() => {
  const { FormulaError, quoted } = Formula;
  /** The text is no formula that this file reads; the message of the grammar says why. */
  class Unreadable extends Error {}
  const TABLES = JSON.parse(document.getElementById("catalogue").textContent).notation;
  const [LETTERS, RAISED, SIGNS, WORDS, FUNCTIONS] = ["letters", "raised", "signs", "words", "functions"]
    .map((name) => new Map(Object.entries(TABLES[name])));
  const OPEN = { "(": ")", "[": "]", "{": "}" };
  const BINARY = new Set(["+", "-", "*", "/", "**", "^", "<", "<=", "==", "!=", ">", ">=", "and", "or"]);
  const FOREIGN = new Set(["return", "lambda", "int", "bool", "long"]);
  const TOKEN = /(\s*)((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[A-Za-z_][\p{L}\p{N}_]*|\\[A-Za-z]+|\\.|\*\*|[<>=!:]=|&&|\|\||->|\S)/gu;
  const isName = (word) => /^[A-Za-z_]/u.test(word);
  const isDigit = (sign) => sign !== undefined && /^[0-9]$/u.test(sign);
  const digits = (word) => /^[0-9]+$/u.test(word);

  class Reader {
    constructor(text, declared) {
      Object.assign(this, { text, declared, index: 0, nesting: 0, open: "" });
      const plain = this.ascii();
      this.changed = plain !== text;
      this.tokens = [];
      let spaced = false;
      for (const [, gap, sign] of plain.matchAll(TOKEN)) {
        if (TABLES.spaces.includes(sign)) { this.changed = spaced = true; continue; }
        const word = SIGNS.get(sign) ?? sign;
        this.changed ||= word !== sign;
        this.tokens.push({ text: word, spaced: spaced || gap !== "" });
        spaced = false;
      }
      let [start, after] = [0, this.leftSide(0)];
      for (; after > start; after = this.leftSide(start)) start = after;
      this.tokens.splice(0, start);
      this.changed ||= start > 0;
    }

    ascii() {
      const lines = this.text.split("\n").map((line) => line.split("#", 1)[0]).join("\n");
      const powers = lines.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/gu, (raised) => `^(${[...raised].map((sign) => RAISED.get(sign)).join("")})`);
      const plain = [...powers].map((sign) => LETTERS.get(sign) ?? sign).join("").trim();
      return /[0-9]\.$/u.test(plain) ? plain : plain.replace(/[;,.]+$/u, "");
    }

    /** Where the right side of `R(q, c) = ...` begins; `start` if there is no left side. */
    leftSide(start) {
      const words = this.tokens.map((token) => token.text);
      if (start >= words.length || !(isName(words[start]) || words[start][0] === "\\")) return start;
      let depth = 0;
      for (let at = start; at < Math.min(start + 40, words.length); at += 1) {
        const word = words[at];
        depth += (Object.hasOwn(OPEN, word) ? 1 : 0) - (Object.values(OPEN).includes(word) ? 1 : 0);
        if (depth === 0 && word === "=") return at + 1;
        const name = isName(word) && !["if", "else", "and", "or", "not"].includes(word);
        if (!(name || word[0] === "\\" || "()[]{},_:&".includes(word) || digits(word))) return start;
        if (depth === 0 && word === ",") return start;
      }
      return start;
    }

    peek(ahead = 0) { return this.tokens[this.index + ahead]?.text ?? ""; }

    next() {
      if (this.index >= this.tokens.length) { this.open = ")"; throw new Unreadable(); }
      this.index += 1;
      return this.tokens[this.index - 1].text;
    }

    expect(word) { if (this.next() !== word) throw new Unreadable(); }

    deeper(read) {
      this.nesting += 1;
      if (this.nesting > Formula.MOST.nesting) throw new FormulaError(`a formula may nest at most ${Formula.MOST.nesting} brackets and powers`);
      const written = read();
      this.nesting -= 1;
      if (written.length > Formula.MOST.characters) throw new FormulaError(`a formula may have at most ${Formula.MOST.characters} characters`);
      return written;
    }

    whole() {
      const written = this.sequence([]);
      if (this.index < this.tokens.length) throw new Unreadable();
      return written;
    }

    /** Operators and operands up to one of `ends`; `*` is written between two operands. */
    sequence(ends) {
      const parts = [];
      let operand = false;
      let divided = null; // what stands before and after the last `/`
      while (this.index < this.tokens.length && !ends.includes(this.peek())) {
        const { text: word, spaced } = this.tokens[this.index];
        if (this.isOperator(word, operand)) {
          this.index += 1;
          const written = this.operator(word);
          if (written === "/") divided = [parts[parts.length - 1] ?? ""];
          else if (written !== "^" && written !== "**") divided = null;
          parts.push(isName(written) || spaced ? ` ${written} ` : written);
          operand = false;
          continue;
        }
        if (operand) {
          if (isDigit(word[0])) this.refuseNumber(parts[parts.length - 1].trim(), word);
          if (divided !== null) this.refuseUnclearDivision(divided, word, spaced);
          this.changed = true;
          parts.push("*");
        }
        const gap = spaced && parts.length && !operand && !parts[parts.length - 1].endsWith(" ") ? " " : "";
        const written = this.operand();
        parts.push(gap + written);
        if (divided !== null) divided.push(written);
        operand = true;
      }
      return parts.join("").trim();
    }

    isOperator(word, operand) {
      return word !== "|" && (BINARY.has(word) || ["if", "else", "not", "=", ")", "]", "}", ",", ":", "&"].includes(word) || (word === "!" && !operand));
    }

    operator(word) {
      if (")]},:&".includes(word)) {
        const [before, after] = [this.index - 2, this.index].map((at) => this.tokens[at]?.text ?? "");
        if (word === "," && digits(before) && digits(after)) {
          throw new FormulaError(`write ${before}.${after} with a decimal point in ${quoted(this.text)}, not ${before},${after}`);
        }
        throw new Unreadable();
      }
      if (word !== "=") return word;
      this.changed = true;
      return "==";
    }

    /** A power loses its sign when it is copied from a page: (q - c)2. */
    refuseNumber(before, number) {
      const gap = before.endsWith(")") ? "" : " ";
      throw new FormulaError(`\`${before}${gap}${number}\` in ${quoted(this.text)} is ambiguous: write`
        + ` \`${before}^${number}\` for the power, or \`${number}*${before}\``);
    }

    refuseUnclearDivision([top, ...bottom], word, spaced) {
      if (digits(top.trim()) && bottom.length === 1 && digits(bottom[0]) && spaced) return;
      const [above, below] = [top.trim(), bottom.join("")];
      throw new FormulaError(`\`${above}/${below}${spaced ? " " : ""}${word}...\` in ${quoted(this.text)} is ambiguous: write`
        + ` \`(${above}/${below})*...\` or \`${above}/(${below}*...)\``);
    }

    operand() {
      const written = this.deeper(() => this.atom());
      if ((this.peek() === "." && isName(this.peek(1))) || this.peek() === "'" || this.peek() === "!") throw new Unreadable();
      return written;
    }

    atom() {
      const word = this.next();
      if (Object.hasOwn(OPEN, word)) return this.group(word);
      if (word === "|") {
        const inside = this.sequence(["|"]);
        this.expect("|");
        this.changed = true;
        return `abs(${inside})`;
      }
      const indicator = word === "1" && ["[", "{"].includes(this.peek()) && !this.tokens[this.index].spaced;
      if (indicator || word[0] === "\\") throw new Unreadable();
      return isName(word) ? this.named(word) : word;
    }

    group(opening) {
      const inside = this.sequence([OPEN[opening]]);
      this.expect(OPEN[opening]);
      this.changed ||= opening !== "(";
      if (!inside) throw new Unreadable();
      return `(${inside})`;
    }

    named(word) {
      if (this.declared.includes(word) || word === "q" || word === "c") return word;
      if (FOREIGN.has(word) || this.peek() === "_" || ((word === "e") && ["^", "**"].includes(this.peek()))) throw new Unreadable();
      if (TABLES.indicators.includes(word) && Object.hasOwn(OPEN, this.peek())) throw new Unreadable();
      if (FUNCTIONS.has(word) || Object.hasOwn(Formula.ARITY, word)) return this.called(word);
      const meant = WORDS.get(word.toLowerCase()) ?? (word === "True" ? "1" : word === "False" ? "0" : undefined);
      if (meant !== undefined) { this.changed = true; return meant; }
      const ambiguous = TABLES.ambiguous.includes(word.toLowerCase());
      const call = ["(", "["].includes(this.peek()) && !this.tokens[this.index].spaced;
      if (ambiguous) throw new Unreadable();
      if (call && word.length > 2 && !TABLES.greek.includes(word)) {
        throw new FormulaError(`unknown name ${quoted(word)} in ${quoted(this.text)}; the functions are`
          + ` ${Object.keys(Formula.ARITY).join(", ")}, and what NumPy, math and PyTorch call them`);
      }
      return word;
    }

    /** A function with its arguments in brackets, or before a single number or name. */
    called(word) {
      const follower = this.peek();
      if (follower === "_" || (word === "sqrt" && follower === "[")) throw new Unreadable();
      if (follower === "(" || follower === "{") {
        this.index += 1;
        this.changed ||= follower !== "(";
        return this.applied(word, this.arguments(OPEN[follower]));
      }
      if (follower === "^" || follower === "**") {
        throw new FormulaError(`\`${word}^...\` in ${quoted(this.text)}: write \`${word}(x)^2\` for the square of ${word}(x)`);
      }
      const begins = follower && (follower[0] === "|" || isName(follower) || isDigit(follower[0]));
      // Without an operand it is a name of the catalogue, as in "c + log".
      if (!begins || ["if", "else", "and", "or", "not"].includes(follower)) return word;
      this.changed = true;
      const inside = this.operand();
      const after = this.peek();
      const starts = after && ("\\(|[{".includes(after[0]) || isDigit(after[0]) || isName(after));
      if (after === "^" || after === "**" || (starts && !["if", "else", "and", "or"].includes(after))) {
        throw new FormulaError(`\`${word} ${inside}${after}...\` in ${quoted(this.text)} is ambiguous: write`
          + ` \`${word}(${inside})...\` with brackets`);
      }
      return this.applied(word, [inside]);
    }

    arguments(closing) {
      const given = [];
      do {
        if (this.peek(1) === "=" && isName(this.peek())) throw new Unreadable(); // an argument with its name
        given.push(this.deeper(() => this.sequence([",", closing])));
      } while (this.next() !== closing);
      return given;
    }

    /** The text of a function at its arguments, as the grammar writes it. */
    applied(word, given) {
      if (!given.every(Boolean) || (["clip", "clamp"].includes(word) && (given.length === 2 || given.includes("None")))) throw new Unreadable();
      const template = FUNCTIONS.get(word)?.[given.length];
      if (template === undefined && !Object.hasOwn(Formula.ARITY, word)) throw new Unreadable();
      const written = template?.replace(/\{([0-9])\}/gu, (_, place) => given[Number(place)]) ?? `${word}(${given.join(", ")})`;
      this.changed ||= !written.startsWith(`${word}(`);
      if (written.length > Formula.MOST.characters) throw new FormulaError(`a formula may have at most ${Formula.MOST.characters} characters`);
      return written;
    }
  }

  /** The formula in the grammar; the text itself if nothing in it is notation of papers that is read here. */
  function rewrite(text, declared) {
    if ([...text].length > Formula.MOST.characters) return text;
    const reader = new Reader(text, declared);
    try {
      const written = reader.whole();
      return reader.changed ? written : text;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (reader.changed && reader.open) throw new FormulaError(`expected ')' at the end of ${quoted(text)}`);
      return text;
    }
  }

  /** The tree of a formula in the grammar, or else in the notation above. */
  function parse(text, parameters = [], entries = new Map()) {
    try {
      return Formula.parse(text, parameters, entries);
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      const plain = rewrite(text, parameters);
      if (plain === text) throw error;
      return Formula.parse(plain, parameters, entries);
    }
  }

  /** Whether a text that was refused may be notation that the command reads: a word, TeX, or a method. */
  const mayBeForeign = (text, message) => message.startsWith("unknown name") || /[\\'\[{&]|[A-Za-z_]\.[A-Za-z]|\b(?:return|lambda|int|bool|e)\b/u.test(text);

  return { parse, rewrite, mayBeForeign };
})();
