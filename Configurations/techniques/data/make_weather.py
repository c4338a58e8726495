#!/usr/bin/env python3
"""Makes weather.csv beside it: a small table with a target for every kind of loss, the same bytes each time.

Three features in [-1, 1]. Targets: a value (`heat`), a direction (`north`, `east`), a distribution (`calm`, `breeze`,
`storm`) and a class (`rain`). Each is a function of the features, with some noise on the value.
"""

import math
import random
from pathlib import Path

draw = random.Random(4)
rows = ["a,b,c,heat,north,east,calm,breeze,storm,rain"]
for _ in range(240):
    a, b, c = (draw.uniform(-1, 1) for _ in range(3))
    heat = 20 + 6 * a - 4 * b * c + draw.gauss(0, 0.3)
    angle = math.atan2(b, a) + c / 2
    weights = [math.exp(2 * a), math.exp(2 * b), math.exp(2 * c)]
    shares = [weight / sum(weights) for weight in weights]
    rain = "yes" if a * b > 0.1 * c else "no"
    numbers = [a, b, c, heat, math.cos(angle), math.sin(angle), *shares]
    rows.append(",".join([*(f"{number:.4f}" for number in numbers), rain]))
Path(__file__).with_name("weather.csv").write_text("\n".join(rows) + "\n")
