# SPDX-License-Identifier: MIT
"""metrics_page.py - a page of metrics, read by a parser that is not ours

    metrics_page.py URL...

Prints the samples, "NAME{LABEL=VALUE,...} VALUE" each, and of what kind each metric
is, "NAME: KIND". Fails where a page is none, or not as Prometheus' conventions
have it: what `promtool check metrics` looks at. Run it with the Python of
build/tools.
"""
import re, sys, urllib.request

from prometheus_client.parser import text_string_to_metric_families

# Of its linter: units that are not base units, and abbreviations of units.
NOT_BASE = "milliseconds microseconds minutes hours days bits kilobytes percent"
SHORT = "s ms us ns sec b kb mb m"


def check_metric(m, text):
    name = m.name + ("_total" if m.type == "counter" else "")
    assert re.search(rf"^# HELP {name} \S.*\S$", text, re.M), f"{name}: no HELP"
    assert re.search(rf"^# TYPE {name} {m.type}$", text, re.M), f"{name}: no TYPE"
    assert m.type in ("counter", "gauge", "histogram"), f"{name}: {m.type}"
    assert re.fullmatch("[a-z][a-z0-9_]*", name), f"{name}: not in snake_case"
    words = name.split("_")
    assert words[0] in ("iotsim", "process"), f"{name}: whose is it?"
    assert not set(words) & set(NOT_BASE.split()), f"{name}: no base unit"
    assert not set(words[1:]) & set(SHORT.split()), f"{name}: a short unit"
    assert not set(words) & {"counter", "gauge", "histogram"}, f"{name}: a type"
    if m.type != "counter":
        assert words[-1] != "total", f"{name}: not a counter"
        assert words[-1] not in ("count", "sum", "bucket"), f"{name}: reserved"
    for s in m.samples:
        assert not {"le", "quantile"} & set(s.labels) or m.type == "histogram"
        assert m.type == "gauge" or s.value >= 0, f"{name}: {s.value}"


def check_histogram(m):
    at = {kind: [s for s in m.samples if s.name == f"{m.name}_{kind}"]
          for kind in ("bucket", "sum", "count")}
    bounds = [float(s.labels["le"]) for s in at["bucket"]]
    counts = [s.value for s in at["bucket"]]
    assert bounds == sorted(bounds) and bounds[-1] == float("inf"), m.name
    assert counts == sorted(counts), f"{m.name}: not cumulative"
    assert len(at["sum"]) == len(at["count"]) == 1, m.name
    assert at["count"][0].value == counts[-1], m.name


def show(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        kind = answer.headers["Content-Type"]
        text = answer.read().decode()
    assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
    assert text.endswith("\n")
    seen = set()
    for m in text_string_to_metric_families(text):
        check_metric(m, text)
        if m.type == "histogram":
            check_histogram(m)
        print(f"{m.name}: {m.type}")
        for s in m.samples:
            labels = ",".join(f"{k}={v}" for k, v in s.labels.items())
            sample = s.name + (f"{{{labels}}}" if labels else "")
            assert sample not in seen, f"{sample}: twice"
            seen.add(sample)
            print(sample, f"{s.value:.15g}")


for url in sys.argv[1:]:
    show(url)
