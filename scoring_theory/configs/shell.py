"""The commands of a shell script as words, with the variables that the script itself sets.

Nothing is executed. What only a run would tell, such as `$1`, `$@`, `$(date)`, a variable of the
environment, or one that is set in one branch of an `if`, stays in the words behind a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

UNTOLD, UNTOLD_WORDS = "\ue000", "\ue001"
"""Before a part of a word that only a run would tell; `UNTOLD_WORDS` if it may be several words."""
ARGUMENTS = re.compile(r"\$(?:[@*]|\{[@*].*\})")
"""All arguments with which a script is started, or a function of it is called."""
Value = str | list[str] | None
"""A text, an array, or None where a run decides."""
_UNSET: list[str] = []  # what was not set before, told by its identity
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(\[[^\]\s]*\])?(\+?)=")
_FUNCTION = re.compile(r"(?:function\s+[\w-]+\s*(?:\(\s*\))?|[\w-]+\s*\(\s*\))\s*(?=\{)")
_REDIRECTED = re.compile(r"(?:\d*(?:<<<|<<-?|<>|>>|>\||[<>]&|[<>])|&>>?)")
_DELIMITER = re.compile(r"[ \t]*(['\"\\]?)([\w.-]+)\1?")
_NAMED = re.compile(r"\$(?:([A-Za-z_]\w*)|([@*])|[0-9#?$!-])")
_BRACED = re.compile(
    r"([A-Za-z_]\w*|[@*])(?:\[([@*]|\d+)\])?(?:(:?[-=+?])(.*)|(.*))", re.DOTALL
)  # fmt: skip
_DECLARERS = ("export", "declare", "local", "readonly", "typeset")
_SURE = (*_DECLARERS, "cd", "echo", "mkdir", "pushd", "set", "source", ".")
_SET_BY_A_RUN = ("for", "select", "read", "unset", "mapfile", "readarray", "getopts", "let")
_OPENS, _CLOSES = ("then", "do", "else", "{"), ("elif", "else", "fi", "done", "esac", "}")
_KEYWORDS = {*_OPENS, *_CLOSES, "if", "while", "until", "!", "time"}
_LARGEST = 5_000_000  # letters that variables may bring into one script
_DEEPEST = 1000  # branches inside of branches
_BLANK, _META = " \t", " \t\n;&|<>()"


class _Scope(NamedTuple):
    kind: str
    before: dict[str, Value]
    """The values of what it has set, as they were before it."""


def commands(text: str) -> Iterator[list[str]]:
    r"""The words of every command of a script, in order.

    Unquoted variables are split into words, and arrays are expanded. The arguments of the script,
    `$@`, are unknown, unless it sets them itself.

    Raises:
        ValueError: a quotation or a bracket is not closed.

    Example:
        >>> list(commands("MORE='--beta 0'; ALL=(a 'b c')\nrun $MORE \"${ALL[@]}\" > log"))
        [['run', '--beta', '0', 'a', 'b c']]
        >>> [word.replace(UNTOLD, "?") for word in next(commands('run "$UNSET"'))]
        ['run', '?$UNSET']
    """
    lines: list[str] = []
    waiting = ""
    for line in re.sub(f"[{UNTOLD}{UNTOLD_WORDS}]", "", text).splitlines():
        if line.lstrip().startswith("#"):
            continue  # also between the lines of one command
        stripped = line.rstrip()
        if stripped.endswith("\\") and not stripped.endswith("\\\\"):
            waiting += stripped[:-1] + " "
        else:
            lines.append(waiting + line)
            waiting = ""
    return _Script("\n".join([*lines, waiting])).commands()


def known(word: str) -> bool:
    """Whether the script tells the whole of a word.

    Example:
        >>> known("none"), known(UNTOLD + "$SCALE")
        (True, False)
    """
    return UNTOLD not in word and UNTOLD_WORDS not in word


def as_written(word: str) -> str:
    """The word as it is written in the script.

    Example:
        >>> as_written("scale=" + UNTOLD + "$SCALE")
        'scale=$SCALE'
    """
    return word.replace(UNTOLD, "").replace(UNTOLD_WORDS, "").replace("\u00a0", " ")


class _Fields:
    """The words that one written word becomes."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.open: list[str] | None = None

    def put(self, text: str) -> None:
        if self.open is None:
            self.open = []
        self.open.append(text)

    def end(self) -> None:
        if self.open is not None:
            self.done.append("".join(self.open))
        self.open = None

    def add(self, values: Sequence[str], *, split: bool) -> None:
        for at, value in enumerate(values):
            if at:
                self.end()
            if not split:
                self.put(value)
                continue
            for number, part in enumerate(re.split(r"[ \t\n]+", value)):
                if number:
                    self.end()
                if part:
                    self.put(part)


class _Script:
    """A reader of one script, from its beginning to its end."""

    def __init__(self, text: str, variables: dict[str, Value] | None = None) -> None:
        self.text, self.at = text, 0
        self.variables: dict[str, Value] = {"@": None} if variables is None else variables
        self.scopes: list[_Scope] = []
        self.words: list[str] = []
        self.assigned: dict[str, Value] = {}
        self.delimiters: list[str] = []
        self.size = 0
        self.in_function = self.conditional = False

    def commands(self) -> Iterator[list[str]]:
        while self.at < len(self.text):
            here = self.text[self.at]
            if here in _BLANK:
                self.at += 1
            elif here == "#":
                self._skip_comment()
            elif found := _REDIRECTED.match(self.text, self.at):
                self._redirect(found)
            elif here in _META:
                yield from self._operator(here)
            else:
                self._argument()
        yield from self._end("")

    def _skip_comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _redirect(self, found: re.Match[str]) -> None:
        self.at = found.end()
        if found[0].lstrip("0123456789") in ("<<", "<<-"):
            if delimiter := _DELIMITER.match(self.text, self.at):
                self.at = delimiter.end()
                self.delimiters.append(delimiter[2])
        elif self.text.startswith("(", self.at):
            self._bracketed("(", ")")
        else:
            while self.text[self.at : self.at + 1] in (" ", "\t"):
                self.at += 1
            self._word(split=False)

    def _operator(self, here: str) -> Iterator[list[str]]:
        """The end of a command: `;`, `&&`, a bracket, a new line."""
        double = self.text[self.at : self.at + 2]
        operator = double if double in ("&&", "||", ";;") else here
        self.at += len(operator)
        yield from self._end(operator)
        if operator == "(":
            self._open("(")
        elif operator == ")":
            if self._top() == "(":
                self._close()
            else:
                self._open("case")
        elif operator == ";;" and self._top() == "case":
            self._close()
        elif operator == "\n":
            for delimiter in self.delimiters:  # the texts of here-documents
                found = re.compile(rf"^\t*{re.escape(delimiter)}$", re.M).search(self.text, self.at)
                self.at = len(self.text) if found is None else found.end()
            self.delimiters = []

    def _end(self, operator: str) -> Iterator[list[str]]:
        if operator == "\n" and not self.words and not self.assigned:
            return
        words, self.words = self.words, []
        assigned, self.assigned = self.assigned, {}
        first = words[0] if words else ""
        if first in ("", *_DECLARERS):
            for name, value in assigned.items():
                self._set(name, value)
        elif first in _SET_BY_A_RUN:
            for word in words[1:2] if first in ("for", "select") else words[1:]:
                if re.fullmatch(r"[A-Za-z_]\w*", word):
                    self._write(word, None)
        elif words[:2] == ["set", "--"]:
            self._set("@", words[2:])
        elif first == "shift" and self.variables["@"] != []:
            self._write("@", None)
        sure = first in ("", *_SURE) and not self.conditional
        self.conditional = operator == "||" or (operator == "&&" and not sure)
        if words:
            yield words

    def _set(self, name: str, value: Value) -> None:
        """Assign; after `&&` and `||` a run decides which of two values it is."""
        differs = name not in self.variables or self.variables[name] != value
        self._write(name, None if self.conditional and differs else value)

    def _write(self, name: str, value: Value) -> None:
        if self.scopes:
            self.scopes[-1].before.setdefault(name, self.variables.get(name, _UNSET))
        self.variables[name] = value

    def _open(self, kind: str) -> None:
        if len(self.scopes) >= _DEEPEST:
            raise RecursionError
        self.scopes.append(_Scope(kind, {}))
        if kind == "function":
            self._write("@", None)

    def _close(self) -> None:
        """The end of a branch: what it has set, a run may have set or not."""
        if not self.scopes:
            return
        kind, before = self.scopes.pop()
        for name, old in before.items():
            new = self.variables[name]
            if old is _UNSET:
                del self.variables[name]
            else:
                self.variables[name] = old
            if kind == "{":
                self._write(name, new)
            elif kind != "(" and new != old and (kind, name) != ("function", "@"):
                self._write(name, None)

    def _argument(self) -> None:
        """One word of a command, or one assignment."""
        starts = not self.words
        if starts and not self.assigned and (called := _FUNCTION.match(self.text, self.at)):
            self.at, self.in_function = called.end(), True
            return
        found = _ASSIGNED.match(self.text, self.at)
        if found is not None and (starts or self.words[0] in _DECLARERS):
            self._assignment(found)
            return
        begin = self.at
        words = self._word(split=True)
        written = self.text[begin : self.at]
        if starts and not self.assigned and written in _KEYWORDS:
            self._keyword(written)
        else:
            self.words += words

    def _keyword(self, word: str) -> None:
        if word in _CLOSES and not (word == "esac" and self._top() != "case"):
            self._close()
        if word in _OPENS:
            kind = "function" if self.in_function else "branch" if self.conditional else word
            self._open(kind if word == "{" else word)
            self.in_function = self.conditional = False

    def _top(self) -> str:
        return self.scopes[-1].kind if self.scopes else ""

    def _assignment(self, found: re.Match[str]) -> None:
        name, part, more = found.groups()
        self.at = found.end()
        value: Value
        if self.text.startswith("(", self.at):
            value = self._array()
        else:
            value = " ".join(self._word(split=False))
        before = self.assigned.get(name, self.variables.get(name))
        if part:
            value = None
        elif more and (before is None or isinstance(before, str) != isinstance(value, str)):
            value = None if before is not None or name in self.variables else value
        elif more and isinstance(before, list) and isinstance(value, list):
            value = [*before, *value]
        elif more:
            value = f"{before}{value}"
        self.assigned[name] = value

    def _array(self) -> list[str]:
        """The words between the brackets of an array."""
        begin, self.at = self.at, self.at + 1
        found: list[str] = []
        while not self.text.startswith(")", self.at):
            if self.at >= len(self.text):
                raise ValueError(
                    f"the script has a bracket that is not closed, {self._near(begin)}"
                )
            here = self.text[self.at]
            if here == "#":
                self._skip_comment()
            elif here in _META:
                self.at += 1
            else:
                found += self._word(split=True)
        self.at += 1
        return found

    def _word(self, *, split: bool, stops: str = _META) -> list[str]:
        """What one word becomes; an assigned value is not split, and is joined by its caller."""
        fields = _Fields()
        while self.at < len(self.text) and self.text[self.at] not in stops:
            here = self.text[self.at]
            if here == "\\":
                fields.put(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif here == "'" or self.text.startswith("$'", self.at):
                begin = self.text.index("'", self.at)
                end = self.text.find("'", begin + 1)
                if end < 0:
                    raise ValueError(self._unclosed(begin))
                fields.put(self.text[begin + 1 : end])
                self.at = end + 1
            elif here == '"':
                self._quoted(fields)
            elif here in "$`":
                fields.add(self._expanded(quoted=False), split=split)
            else:
                fields.put(here)
                self.at += 1
        fields.end()
        return fields.done

    def _quoted(self, fields: _Fields) -> None:
        begin, self.at = self.at, self.at + 1
        if not self.text.startswith(('"$@"', '"${'), begin):
            fields.put("")  # what is empty in quotes is a word, unless it is an array
        while not self.text.startswith('"', self.at):
            if self.at >= len(self.text):
                raise ValueError(self._unclosed(begin))
            here = self.text[self.at]
            if here == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\"):
                fields.put(self.text[self.at + 1])
                self.at += 2
            elif here in "$`":
                fields.add(self._expanded(quoted=True), split=False)
            else:
                fields.put(here)
                self.at += 1
        self.at += 1

    def _expanded(self, *, quoted: bool) -> list[str]:
        """The values of what begins with `$` or a backtick."""
        begin = self.at
        if self.text[begin] == "`":
            end = self.text.find("`", begin + 1)
            if end < 0:
                raise ValueError(self._unclosed(begin))
            self.at = end + 1
        elif self.text.startswith("$(", begin):
            self.at += 1
            self._bracketed("(", ")")
        elif self.text.startswith("${", begin):
            self.at += 1
            inside = self._bracketed("{", "}")
            if (values := self._braced(inside, quoted=quoted)) is not None:
                return self._counted(values)
        elif found := _NAMED.match(self.text, begin):
            self.at = found.end()
            if (values := self._values(found[1] or found[2] or "", "")) is not None:
                joined = [" ".join(values)] if quoted and found[2] == "*" else values
                return self._counted(joined)
        else:
            self.at += 1
            return [""] if self.text.startswith('"', self.at) and not quoted else ["$"]
        written = re.sub(r"\s+", "\u00a0", self.text[begin : self.at])
        one = quoted and not re.search(r"@\]?\}?$|@[]:]", written)
        told = written[:60]
        if ARGUMENTS.fullmatch(written) and any(scope.kind == "function" for scope in self.scopes):
            told += "\u00a0of\u00a0a\u00a0function"
        return [(UNTOLD if one else UNTOLD_WORDS) + told]

    def _counted(self, values: list[str]) -> list[str]:
        self.size += sum(map(len, values)) + len(values)
        if self.size > _LARGEST:
            raise ValueError("the variables of the script are too large for a launch command")
        return values

    def _values(self, name: str, index: str) -> list[str] | None:
        value = self.variables.get(name or "?")
        if name in self.assigned and not self.words:
            value = self.assigned[name]
        if name == "*":
            value = self.variables["@"]
        if value is None or isinstance(value, str):
            return None if value is None else [value]
        if index in ("@", "*") or name in ("@", "*"):
            return list(value)
        at = int(index or 0)
        return [value[at]] if at < len(value) else [""]

    def _braced(self, inside: str, *, quoted: bool) -> list[str] | None:
        """The value of `${...}`; None if a run decides."""
        found = _BRACED.fullmatch(inside)
        if found is None:
            return None
        name, index, operator, other, rest = found.groups()
        values = self._values(name, index or "")
        every = "*" in (name, index)
        if rest:
            return [] if values == [] else None
        if not operator:
            return [" ".join(values)] if every and quoted and values is not None else values
        if operator[-1] == "+":
            if values is None:
                return None
            return self._other(other) if any(values) else [""]
        if values is None and (name in self.variables or operator[-1] == "?"):
            return None
        if name in "@*" or not (values is None or (operator[0] == ":" and not any(values))):
            return values
        values = self._other(other)
        if operator[-1] == "=":
            self._set(name, values[0])
        return values

    def _other(self, text: str) -> list[str]:
        """The text behind `:-`, as one value."""
        return [" ".join(_Script(text, self.variables)._word(split=False, stops=""))]

    def _bracketed(self, opens: str, closes: str) -> str:
        """What is between the bracket here and the one that closes it."""
        begin, depth, quote = self.at, 0, ""
        while self.at < len(self.text):
            here = self.text[self.at]
            if here == "\\":
                self.at += 1
            elif quote:
                quote = "" if here == quote else quote
            elif here in "'\"":
                quote = here
            elif here in (opens, closes):
                depth += 1 if here == opens else -1
            self.at += 1
            if not depth:
                return self.text[begin + 1 : self.at - 1]
        raise ValueError(f"the script has a bracket that is not closed, {self._near(begin)}")

    def _unclosed(self, at: int) -> str:
        return f"the script has a quotation that is not closed, {self._near(at)}"

    def _near(self, at: int) -> str:
        return f"at {' '.join(self.text[at : at + 40].split())!r}"
