#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# compose.yaml and the Dockerfile, looked at without a Docker engine.

bats_require_minimum_version 1.5.0 # run !

setup() {
	[ "$FLAVOUR" = release ] || skip "once is enough"
	cd "$IOTSIM_ROOT"
	tools=build/tools/bin
}

need() { # TOOL
	[ -x "$tools/$1" ] || skip "no $1: make deps-tools"
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
	run ! grep -vE '^iotsim:demo$|:([0-9]+\.[0-9]+\.[0-9]+|trixie-slim)$' <<<"$images"
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
		echo "iotsim ${words[*]}"
		"$IOTSIM" "${words[@]}" </dev/null
	done <"$BATS_TEST_TMPDIR/commands"
}
