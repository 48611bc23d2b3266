#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Fleet files: the ready-made ones, and what is said of one's own.

load ../common

setup_file() {
	cd "${IOTSIM_ROOT:-$BATS_TEST_DIRNAME/../..}"
	ready=(fleets/*.json)
	ready=("${ready[@]##*/}")
	export READY="${ready[*]%.json}"
}

@test "the trades that were promised are there" {
	for fleet in office factory weather coldchain meters; do
		[[ " $READY " = *" $fleet "* ]]
	done
}

@test "--fleet list lists them with their descriptions, for each command" {
	for command in produce preview demo; do
		try "$command" --fleet list
		[ "$status" = 0 ]
		[ ! -s err ]
		for fleet in $READY; do
			description=$("$PYTHON" -c 'import json, sys
print(json.load(open(sys.argv[1]))["description"])' \
				"$IOTSIM_ROOT/fleets/$fleet.json")
			grep -qE "^$fleet +$description\$" out
		done
		[ "$(wc -l <out)" = "$(wc -w <<<"$READY")" ]
	done
	run ! grep -nE '^.{81,}' out
}

@test "each is valid, and what is built in is the file" {
	for fleet in $READY; do
		try produce --fleet "$fleet" --dry-run
		[ "$status" = 0 ]
		[ ! -s err ]
		mv out built-in
		try produce --fleet "$IOTSIM_ROOT/fleets/$fleet.json" --dry-run
		cmp built-in out
		sensors=$(sed -nE '1s/.* ([0-9]+) sensors.*/\1/p' out)
		[ "$sensors" -ge 20 ]
		[ "$sensors" -le 500 ]
	done
}

@test "all of them together have no two sensors of one name" {
	words=()
	for fleet in $READY; do words+=(--fleet "$fleet"); done
	try produce "${words[@]}" --dry-run
	[ "$status" = 0 ]
}

@test "every group says what it is and bounds what it shows" {
	for fleet in $READY; do
		"$PYTHON" - "$IOTSIM_ROOT/fleets/$fleet.json" <<-'END'
			import json, sys
			for group in json.load(open(sys.argv[1]))["groups"]:
			    for member in ("description", "type", "unit", "value",
			                   "every", "min", "max", "step"):
			        assert member in group, (group["name"], member)
			    assert len(group["description"]) > 40, group["name"]
		END
	done
}

# Labels say which values are faults; those are within the bounds too.
@test "10 000 readings of each are within its bounds, and on its steps" {
	for fleet in $READY; do
		try produce --fleet "$fleet" --to - --speed max -c 10k --seed 7 \
			--start 2026-06-24T10:00:00Z --labels
		[ "$status" = 0 ]
		[ "$(cat err)" = "iotsim: sent 10000: delivered 10000, failed 0" ]
		"$PYTHON" - "$IOTSIM_ROOT/fleets/$fleet.json" <<-'END'
			import json, re, sys
			groups = json.load(open(sys.argv[1]))["groups"]
			for g in groups:
			    before, _, after = g["name"].partition("{")
			    g["is"] = re.compile(re.escape(before) + (r"\d+" +
			        re.escape(after.partition("}")[2]) if after else ""))
			seen, faults = {}, 0
			for line in open("out"):
			    r = json.loads(line)
			    [g] = [g for g in groups if g["is"].fullmatch(r["name"])]
			    v, step = r["value"], g["step"]
			    assert g["min"] <= v <= g["max"], r
			    assert abs(v / step - round(v / step)) < 1e-6, r
			    assert r["type"] == g["type"], r
			    seen.setdefault(g["name"], set()).add(v)
			    faults += len(r) > 4
			quiet = [g["name"] for g in groups
			         if len(seen.get(g["name"], ())) < 2 and g["step"] < 1
			         and g["type"] != "rain"]
			assert not quiet, quiet
			assert faults < 1000, faults
		END
	done
}

@test "each makes pictures" {
	for fleet in $READY; do
		try preview --fleet "$fleet" --seed 7 --start 2026-11-24
		[ "$status" = 0 ]
		[ ! -s err ]
		groups=$(grep -c '"name"' "$IOTSIM_ROOT/fleets/$fleet.json")
		[ "$(grep -c '^  value = ' out)" -ge 7 ]
		[ "$(grep -c '^  delays, s ' out)" = "$(grep -c '^  value = ' out)" ]
		[ "$groups" -ge "$(grep -c '^  value = ' out)" ]
	done
}

# ---- the members ----

members_of_the_program() {
	sed -nE 's/^\t\{ "([a-z.-]+)", (set|add)_.*/\1/p' "$IOTSIM_ROOT/lib/sim/spec.c"
}

members_of_the_page() {
	sed -nE 's/^\.It Cm //p' "$IOTSIM_ROOT/man/iotsim-fleet.5" |
		sed 's/ , Cm /\n/g'
}

@test "iotsim-fleet(5) has every member, and no other" {
	[ "$(members_of_the_program | wc -l)" -gt 40 ]
	diff <(members_of_the_program | sort) <(members_of_the_page | sort)
}

@test "iotsim-fleet(5) tells of every ready-made fleet" {
	for fleet in $READY; do
		grep -qx ".It Sy $fleet" "$IOTSIM_ROOT/man/iotsim-fleet.5"
	done
}

@test "a member that is none is refused with the nearest name, for each" {
	for member in $(members_of_the_program); do
		try produce --dry-run --sensor "name=a,${member}x=1"
		[ "$status" = 2 ]
		grep -qF "unknown member '${member}x', did you mean" err
	done
}

@test "the file and the short form say the same" {
	cat >f.json <<-'END'
		{"groups": [{"name": "a{:02}", "count": 3, "type": ["x", "y"],
		  "value": "gamma(2,3)", "every": "uniform(0.5,1.5)", "min": 1,
		  "day": {"points": ["0h:1", "7.5h:3"]}, "spike": "2%:0:40",
		  "ar": {"sd": 2, "phi": "0.5"}, "factor.coefficient": 0.3}]}
	END
	fixed=(--to - --seed 7 --start 2026-11-24 --speed max -c 1000)
	try produce "${fixed[@]}" --fleet f.json
	[ "$status" = 0 ]
	mv out expected
	try produce "${fixed[@]}" --sensor 'name=a{:02},count=3,type=x y,value=gamma(2,3),every=uniform(0.5,1.5),min=1,day.points=0h:1 7.5h:3,spike=2%:0:40,ar.sd=2,ar.phi=0.5,factor.coefficient=0.3'
	cmp expected out
}

# ---- mistakes ----

@test "all mistakes of a file are told, with file, line, column and path" {
	cat >bad.json <<-'END'
		{ "groups": [
		  { "name": "a", "vlaue": "normal(21,0.3)" },
		  { "name": "b", "value": "normal(21)", "every": "0s" },
		  { "name": "c", "count": 2 },
		  { "name": "d", "day": { "points": "7:3" }, "type": null } ] }
	END
	try produce --fleet bad.json --to -
	[ "$status" = 2 ]
	[ ! -s out ]
	grep -qF "bad.json:2:27: groups[0].vlaue: unknown member 'vlaue', did you mean 'value'?" err
	grep -qE 'bad\.json:3:[0-9]+: groups\[1\]\.value: .*normal\(mean,sd\) takes 2' err
	grep -qE 'bad\.json:3:[0-9]+: groups\[1\]\.every: .*--speed max' err
	grep -qE 'bad\.json:4:[0-9]+: groups\[2\]: 2 sensors cannot all be called' err
	grep -qE "bad\.json:5:[0-9]+: groups\[3\]\.day\.points: .*has no unit" err
	grep -qE 'bad\.json:5:[0-9]+: groups\[3\]\.type: is null' err
	[ "$(tail -n 1 err)" = \
		"iotsim: option '--fleet': 'bad.json' has 6 mistakes" ]
	[ "$(wc -l <err)" = 7 ]
}

# The text is refused, with a line that has the pattern.
is_refused() { # TEXT PATTERN
	printf '%s' "$1" >bad.json
	try produce --fleet bad.json --to - --count 1
	[ "$status" = 2 ]
	[ ! -s out ]
	grep -qE "^iotsim: .*bad\.json.*$2" err
}

@test "a file that is empty, cut short, or something else" {
	is_refused '' empty
	is_refused ' ' expected
	is_refused '{"groups": [{"name": "a"}' expected
	is_refused '{}' "has no 'groups'"
	is_refused '[]' 'is an array, not an object'
	is_refused '{"groups": []}' 'one group or more'
	is_refused '{"groups": [3]}' 'is a number, not an object'
	is_refused '{"groups": [{}]}' "there is no 'name'"
	is_refused '{"group": [{"name": "a"}]}' "is not 'description' or 'groups'"
	is_refused '{"groups": [{"name": "a", "name": "b"}]}' duplicate
	is_refused "$(printf '[%.0s' {1..3000})" .
}

@test "two sensors of one name are told with both places" {
	printf '{"groups": [{"name": "a0"},\n {"name": "a{}", "count": 2}]}' >f.json
	try produce --fleet f.json --to -
	[ "$status" = 2 ]
	[ "$(cat err)" = "iotsim: two sensors are called 'a0': f.json:1:13: groups[0] and f.json:2:2: groups[1]" ]
	try produce --fleet office --fleet office --to -
	[ "$status" = 2 ]
	grep -qF 'two sensors are called' err
}

@test "a fleet that is not there names the nearest, or the list" {
	try produce --fleet ofice --to -
	[ "$status" = 2 ]
	grep -qF "did you mean 'office'?" err
	try produce --fleet nothing.json --to -
	[ "$status" = 2 ]
	grep -qF -- '--fleet list' err
}
