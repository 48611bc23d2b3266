#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The picture of README.md can be drawn anew.

load ../common

@test "a screen is drawn as SVG, with what is on it" {
	command -v tmux >/dev/null || skip "no tmux: apt-get install tmux"
	# It lives until it was drawn, and is shown long before.
	"$IOTSIM_ROOT/doc/picture" 60 12 5 \
		sh -c "echo '<äöü> & ▁█'; exec sleep 60" >out.svg
	"$PYTHON" - out.svg <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	svg = tree.parse(sys.argv[1]).getroot()
	texts = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")]
	assert texts[0].startswith("$ sh -c "), texts
	assert texts[1] == "<äöü> & ▁█", texts
	EOF
}

@test "the picture is of this program" {
	"$PYTHON" - "$IOTSIM_ROOT/doc/run.svg" <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	svg = tree.parse(sys.argv[1]).getroot()
	text = "\n".join(svg.itertext())
	for part in ("$ iotsim demo", "Statistics by Sensor Type:", "Chart of the mean"):
	    assert part in text, part
	EOF
}
