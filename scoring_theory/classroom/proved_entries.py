"""What the page says about an entry of the catalogue: formulas, verdict and certificates."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from proofs.quantity import Quantity
from scoring_theory.catalogue import Entry, correctness
from scoring_theory.checking import Report, check
from scoring_theory.checking.archive import archive_file
from scoring_theory.reward import Reward


def proved_entry(entry: Entry) -> tuple[dict[str, Any], bytes]:
    """The data of an entry, and the file of its certificates.

    The reward of the page is c + lam S, where S is a score itself and R - c for a reward R, with
    the default constants. It is checked at lam = 1, and for all 0 < lam <= lam* at once if lam* is
    a rational number or infinite.

    Args:
        entry: An entry of the catalogue.

    Returns:
        Plain data, and the content of `certificates/KEY.json`, whose SHA-256 the data contain.

    Raises:
        ValueError: If the verdict on the entry is undecided.

    Example:
        >>> from scoring_theory.catalogue import CATALOGUE
        >>> data, content = proved_entry(CATALOGUE["brier"])
        >>> data["family"], data["critical"], data["proper"]["status"]
        ('c - lam*(q - c)^2', {'exact': '1', 'value': 1.0}, 'proved')
        >>> data["certificate"]["claims"][-1]
        'jointly optimal for 0 < lam <= 1'
    """
    score = entry.reward if entry.role == "score" else entry.reward - correctness
    reports = [check(entry.reward if entry.role == "reward" else correctness + score)]
    report, star = reports[0], reports[0].critical_weight
    if report.proper.status == "undecided" or report.jointly_optimal.status == "undecided":
        raise ValueError(f"the page needs a verdict on {entry.key}, and it is undecided")
    if report.proper.status == "proved" and star is not None and star.value > 0:
        domain = _safe_weights(star)
        if domain is not None:
            reports.append(check(_family(score, domain)))
    bundle = archive_file(entry.key, entry.title, iter(reports))
    content = (json.dumps(bundle, indent=1) + "\n").encode()
    return _data(entry, score, report, bundle, hashlib.sha256(content).hexdigest()), content


def _safe_weights(star: Quantity) -> str | None:
    """The domain of the safe weights; None if lam* is not a rational number."""
    if star.value == float("inf"):
        return "lam > 0"
    try:
        return f"0 < lam <= {Fraction(star.exact or '')}"
    except ValueError:
        return None


def _family(score: Reward, domain: str) -> Reward:
    """The reward c + lam S; without lam if S is 0."""
    return correctness + Reward(score.bound).weighted("lam", domain)


def _data(
    entry: Entry, score: Reward, report: Report, bundle: dict[str, Any], digest: str
) -> dict[str, Any]:
    star = report.critical_weight
    return {
        "key": entry.key,
        "title": entry.title,
        "kind": entry.kind,
        "role": entry.role,
        "source": entry.source,
        "constants": [f"{name} = {value}" for name, value in entry.constants.items()],
        "formula": Reward(entry.reward.bound).text,
        "family": _family(score, "lam > 0").text,
        "proper": {
            "status": report.proper.status,
            "strict": report.strict is True,
            "reason": report.proper.reason,
            "witness": dict(report.proper.witness or {}),
        },
        "critical": None if star is None else star.to_json(),
        "certificate": {
            "file": f"{entry.key}.json",
            "sha256": digest,
            "claims": list(dict.fromkeys(map(_claim, bundle["certificates"]))),
        },
    }


def _claim(certificate: dict[str, Any]) -> str:
    """What one certificate proves: about the weight 1, or about all weights of a domain."""
    weight = certificate["parameters"].get("lam", "lam = 1")
    return f"{certificate['claim']} for {weight}"
