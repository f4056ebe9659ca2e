"""Welch's t-test of differences of means. Standard input: JSON, name -> list of [a, b], two samples for each condition. Standard output: JSON, name ->
[difference, p]: the mean over the conditions of mean(a) - mean(b), and how likely one as large is where both are drawn alike, with the degrees of
freedom of Welch and Satterthwaite. p is null where nothing varies."""

import json
import math
import sys

import numpy as np
from scipy import stats


def welch(pairs):
    difference = float(np.mean([np.mean(a) - np.mean(b) for a, b in pairs]))
    parts = [(np.var(x, ddof=1) / len(x) / len(pairs) ** 2, len(x) - 1) for pair in pairs for x in pair]
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return difference, None
    freedom = variance**2 / sum(part**2 / own for part, own in parts)
    return difference, float(2 * stats.t.sf(abs(difference) / math.sqrt(variance), freedom))


json.dump({name: welch(pairs) for name, pairs in json.load(sys.stdin).items()}, sys.stdout)
