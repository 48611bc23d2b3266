#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# compose.yaml, what belongs to it, and the Dockerfile, looked at without a Docker
# engine.

load ../common

setup() {
	[ "$FLAVOUR" = release ] || skip "once is enough"
	cd "$IOTSIM_ROOT"
	tools=build/tools/bin
}

need() { # TOOL
	[ -x "$tools/$1" ] || skip "no $1: make deps-tools"
}

# Python that can read YAML and PromQL; what it prints goes to stdout.
look() { # <SCRIPT
	"$tools/python" -c 'import promql_parser' ||
		skip "no promql-parser: make deps-tools"
	"$tools/python" - <<-END
		import json, pathlib, re
		import promql_parser, ruamel.yaml
		def load(path):
		    return ruamel.yaml.YAML(typ="safe").load(pathlib.Path(path))
		services = load("compose.yaml")["services"]
		board = json.loads(pathlib.Path("compose/grafana/iotsim.json").read_text())
		exprs = [t["expr"] for p in board["panels"] for t in p["targets"]]
		$(cat)
	END
}

@test "compose.yaml is what the Compose schema wants" {
	need check-jsonschema
	"$tools/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml
}

@test "the schema notices a mistake" {
	need check-jsonschema
	sed 's/depends_on/depend_on/' compose.yaml >"$BATS_TEST_TMPDIR/compose.yaml"
	run ! "$tools/check-jsonschema" --builtin-schema vendor.compose-spec \
		"$BATS_TEST_TMPDIR/compose.yaml"
}

@test "the Dockerfile is without fault" {
	need hadolint
	"$tools/hadolint" Dockerfile
}

@test "every image is pinned" {
	# By a version, or the name of a release; not by a tag that moves on.
	images=$(sed -nE 's/^ *(image:|FROM) +([^ ]+).*/\2/p' compose.yaml Dockerfile)
	[ "$(wc -l <<<"$images")" -ge 3 ]
	echo "$images"
	run ! grep -vE '^iotsim:demo$|:(v?[0-9]+\.[0-9]+\.[0-9]+|trixie-slim)$' <<<"$images"
}

@test "the commands in compose.yaml are ones that iotsim takes" {
	"$PYTHON" - compose.yaml >"$BATS_TEST_TMPDIR/commands" <<-'END'
		import re, sys
		text = open(sys.argv[1]).read()
		for m in re.finditer(r"^    command: (?:>-\n((?:      .*\n)+)|(.*))", text, re.M):
		    print(" ".join((m[1] or m[2]).split()))
	END
	[ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" = 3 ]
	while read -ra words; do
		case ${words[0]} in
		produce) words+=(--to - --count 5 --speed max) ;;
		consume) words+=(--from -) ;;
		esac
		words=("${words[@]/%:9100/:0}") # any that is free
		echo "iotsim ${words[*]}"
		"$IOTSIM" "${words[@]}" </dev/null
	done <"$BATS_TEST_TMPDIR/commands"
}

@test "what is mounted is there, and ports are of this machine alone" {
	look <<-'END'
		for name, s in services.items():
		    for v in s.get("volumes", []):
		        source, target, how = v.split(":")
		        assert pathlib.Path(source).is_file() and how == "ro", v
		    for port in s.get("ports", []):
		        assert port.startswith("127.0.0.1:"), port
		home = services["grafana"]["environment"][
		    "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
		mounts = [v.split(":")[1] for v in services["grafana"]["volumes"]]
		assert home in mounts
		provider, = load("compose/grafana/dashboards.yml")["providers"]
		assert pathlib.Path(home).parent == pathlib.Path(provider["options"]["path"])
	END
}

@test "Prometheus asks those who serve metrics, and all of them" {
	look <<-'END'
		config = load("compose/prometheus.yml")
		job, = config["scrape_configs"]
		asked = {t for c in job["static_configs"] for t in c["targets"]}
		serve = set()
		for name, s in services.items():
		    m = re.search(r"--metrics \*:(\d+)", str(s.get("command")))
		    if m:
		        serve.add(f"{name}:{m[1]}")
		        assert "observability" in s["profiles"]
		assert asked == serve and len(serve) == 3, (asked, serve)
		source, = load("compose/grafana/datasource.yml")["datasources"]
		assert source["url"] == "http://prometheus:9090"
		assert "127.0.0.1:9090:9090" in services["prometheus"]["ports"]
	END
}

@test "the dashboard has a place and a question for each of its panels" {
	look <<-'END'
		source, = load("compose/grafana/datasource.yml")["datasources"]
		panels = board["panels"]
		assert len({p["id"] for p in panels}) == len(panels) >= 8
		taken = set()
		for p in panels:
		    assert p["title"] and p["description"] and p["targets"], p["id"]
		    for of in [p, *p["targets"]]:
		        assert of["datasource"] == {
		            "type": "prometheus", "uid": source["uid"]}
		    g = p["gridPos"]
		    assert g["x"] + g["w"] <= 24
		    place = {(x, y) for x in range(g["x"], g["x"] + g["w"])
		             for y in range(g["y"], g["y"] + g["h"])}
		    assert not place & taken, p["title"]
		    taken |= place
		for e in exprs:
		    promql_parser.parse(e)
	END
}

@test "each metric that the dashboard names is served, with its labels" {
	look >"$BATS_TEST_TMPDIR/named" <<-'END'
		def walk(node):
		    if isinstance(node, promql_parser.VectorSelector):
		        print(node.name)
		    for child in ("expr", "lhs", "rhs", "vector_selector"):
		        if hasattr(node, child):
		            walk(getattr(node, child))
		    for arg in getattr(node, "args", None) or []:
		        walk(arg)
		for e in exprs:
		    walk(promql_parser.parse(e))
	END
	cd "$BATS_TEST_TMPDIR"
	mapfile -t names < <(sort -u named)
	[ ${#names[@]} -ge 10 ]
	start d "$IOTSIM" demo --interval 500ms --metrics :0
	wait_for grep -q 'metrics at' d.err
	wait_for served iotsim_watermark_timestamp_seconds
	wait_for served iotsim_consumer_lag_readings
	for name in "${names[@]}"; do
		served "$name"
	done
	for label in verdict topic partition; do
		grep -qE "[{,]$label=\"" page
	done
	run ! served iotsim_nothing
}

served() { # NAME
	url=$(sed -n 's/.*metrics at //p' d.err)
	"$PYTHON" -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())
' "$url" >page
	grep -qE "^$1(\{| )" page
}
