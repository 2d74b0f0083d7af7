#!/usr/bin/env python3
"""Writes tests/golden/metrics/nltk.json: stems, words and METEOR as NLTK computes them.

    pip install nltk==3.8 && python3 scripts/golden_nltk.py > tests/golden/metrics/nltk.json

Needs none of NLTK's data: METEOR goes without WordNet, and its texts are single sentences.
"""
import json
import random

import nltk
from nltk.stem.porter import PorterStemmer
from nltk.tokenize.destructive import NLTKWordTokenizer
from nltk.translate.meteor_score import meteor_score

ROOTS = """nation relat condit valen digit radical differ vile analog predic oper feud decis hope call form sensitiv
    triplic electr good reviv allow infer air gyroscop adjust irrit replac depend adopt commun activ angular probat rat ceas
    control roll fl tr cr agre plaster fil hopp fall sk happ enjo conflat troubl siz geo syzyg""".split()
ENDINGS = """ s es ies ed ied eed ing y ational tional ency ancy izer ably ally ently ely ously ization ation ator alism
    iveness fulness ousness ality ivity ability fully logy icate ative alize ical ful ness al ance ence er ic able ible ant
    ement ment ent sion tion ou ism ate iti ous ive ize e ll""".split()
PIECES = """the dog dogs runs running ran a house houses in old city cities near happy happily it 's it's isn't don't cannot
    gonna 'tis 'v' they'll we've I'm (so) [x] {y} "quoted" ``q'' «r» ‘s’ ... -- - , ; : # $5 50% & * 3.5 1,000 x:y a.b U.S.
    well-known naïve Mr. p.m. "end" No""".split()
STOPS = ["", ".", "!", "?", " .", '."', ".)", "..."]


class NoWordNet:
    def synsets(self, word):
        return []


def main():
    choose = random.Random(20260601)
    stem, words = PorterStemmer().stem, NLTKWordTokenizer().tokenize
    text = lambda pieces: " ".join(choose.choices(pieces, k=choose.randint(1, 12))) + choose.choice(STOPS)
    one = [piece for piece in PIECES if not piece.endswith(".")]
    forms = choose.sample(sorted(root + ending for root in ROOTS for ending in ENDINGS), 500)
    texts = [text(PIECES) for _ in range(150)]
    pairs = [(text(one), [text(one) for _ in range(choose.randint(1, 3))]) for _ in range(100)]
    score = lambda own, others: meteor_score([words(other) for other in others], words(own), wordnet=NoWordNet())
    golden = {
        "nltk": nltk.__version__,
        "stems": {form: stem(form) for form in forms},
        "words": [{"text": text, "words": words(text)} for text in texts],
        "meteor": [{"text": own, "references": others, "score": score(own, others)} for own, others in pairs],
    }
    print(json.dumps(golden, ensure_ascii=False, indent=0))


if __name__ == "__main__":
    main()
