"""Loads a pickle and prints it as JSON."""
import json
import pickle
import sys

with open(sys.argv[1], "rb") as file:
    print(json.dumps(pickle.load(file)))
