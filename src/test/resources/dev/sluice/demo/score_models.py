"""Loads the pickles of an AutoML run and scores them again on the rows of a JSON file.

Usage: score_models.py MODELS_DIR ROWS_JSON
Prints JSON: for each model its probabilities and its figures, computed from the loaded parameters alone.
"""
import json
import math
import pathlib
import pickle
import pickletools
import sys

PLAIN = {
    "PROTO", "STOP", "MARK", "EMPTY_DICT", "EMPTY_LIST", "SETITEMS", "APPENDS",
    "BINUNICODE", "BINFLOAT", "BININT", "NEWTRUE", "NEWFALSE",
}


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def standardized(scale, row):
    return [(x - m) / d for x, m, d in zip(row, scale["means"], scale["deviations"])]


def leaf(tree, row):
    node = 0
    while tree["feature"][node] >= 0:
        goes_left = row[tree["feature"][node]] <= tree["threshold"][node]
        node = (tree["left"] if goes_left else tree["right"])[node]
    return tree["value"][node]


def logistic_regression(p, row):
    row = standardized(p["standardization"], row)
    return sigmoid(p["intercept"] + sum(w * x for w, x in zip(p["weights"], row)))


def gaussian_naive_bayes(p, row):
    def log_likelihood(label):
        total = math.log(p["priors"][label])
        for x, mean, variance in zip(row, p["means"][label], p["variances"][label]):
            variance += p["variance_floor"]
            total -= 0.5 * (math.log(2 * math.pi * variance) + (x - mean) ** 2 / variance)
        return total

    return sigmoid(log_likelihood(1) - log_likelihood(0))


def nearest_neighbours(p, row):
    row = standardized(p["standardization"], row)
    distances = [(sum((a - b) * (a - b) for a, b in zip(row, other)), i) for i, other in enumerate(p["rows"])]
    return sum(p["labels"][i] for _, i in sorted(distances)[: p["neighbours"]]) / p["neighbours"]


def decision_tree(p, row):
    return leaf(p["tree"], row)


def random_forest(p, row):
    return sum(leaf(tree, row) for tree in p["trees"]) / len(p["trees"])


def gradient_boosting(p, row):
    return sigmoid(p["base"] + p["learning_rate"] * sum(leaf(tree, row) for tree in p["trees"]))


def figures(probabilities, labels):
    pairs = list(zip(probabilities, labels))
    true_positives = sum(1 for p, y in pairs if p >= 0.5 and y)
    predicted = sum(1 for p, _ in pairs if p >= 0.5)
    precision = true_positives / predicted
    recall = true_positives / sum(labels)
    ones = [p for p, y in pairs if y]
    zeros = [p for p, y in pairs if not y]
    wins = sum((a > b) + 0.5 * (a == b) for a in ones for b in zeros)
    return {
        "accuracy": sum((p >= 0.5) == bool(y) for p, y in pairs) / len(pairs),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "roc_auc": wins / (len(ones) * len(zeros)),
    }


def main(models, rows_json):
    data = json.loads(pathlib.Path(rows_json).read_text())
    result = {}
    for path in sorted(pathlib.Path(models).glob("*.pkl")):
        content = path.read_bytes()
        opcodes = {opcode.name for opcode, _, _ in pickletools.genops(content)}
        assert opcodes <= PLAIN, opcodes - PLAIN
        model = pickle.loads(content)
        predict = globals()[model["model"]]
        probabilities = [predict(model["parameters"], row) for row in data["rows"]]
        result[path.stem] = {"probabilities": probabilities, "figures": figures(probabilities, data["labels"])}
    print(json.dumps(result))


main(*sys.argv[1:])
