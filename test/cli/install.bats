#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make install, make uninstall and make dist, each with a build of its own.

bats_require_minimum_version 1.5.0 # run !

setup() {
	[ "$FLAVOUR" = release ] || skip "once is enough"
	dest=$BATS_TEST_TMPDIR/dest
}

# The version is what VERSION says, whichever tree it came from.
runs() { # PROGRAM TREE
	[[ "$("$1" --version)" = "iotsim $(cat "$2/VERSION") "* ]]
}

expected_files() {
	echo ./usr/bin/iotsim
	for page in "$IOTSIM_ROOT"/man/*.[1-9]; do
		echo "./usr/share/man/man${page##*.}/${page##*/}"
	done
	(cd "$IOTSIM_ROOT" && printf './usr/share/iotsim/%s\n' fleets/*.json)
	printf './usr/share/%s\n' bash-completion/completions/iotsim \
		zsh/site-functions/_iotsim fish/vendor_completions.d/iotsim.fish
}

@test "install puts all its files there, uninstall takes them away" {
	cd "$IOTSIM_ROOT"
	dest="$BATS_TEST_TMPDIR/a place"
	make=(make -s -j2 B="$BATS_TEST_TMPDIR/build" CFLAGS=-O0
		DESTDIR="$dest" PREFIX=/usr)
	"${make[@]}" install
	diff <(expected_files | sort) <(cd "$dest" && find . -type f | sort)
	runs "$dest/usr/bin/iotsim" .
	[ "$(stat -c %a "$dest/usr/bin/iotsim")" = 755 ]
	for file in "$dest"/usr/share/{man/man1,bash-completion/completions}/*; do
		[ "$(stat -c %a "$file")" = 644 ]
	done
	[ -e "$dest/usr/share/man/man1/iotsim.1" ]

	touch "$dest/usr/bin/another"
	"${make[@]}" uninstall
	[ "$(find "$dest" ! -type d)" = "$dest/usr/bin/another" ]
	[ -z "$(find "$dest" -name '*iotsim*')" ]
	"${make[@]}" uninstall
}

@test "uninstall leaves the files of others, and their directories" {
	cd "$IOTSIM_ROOT"
	mkdir -p "$dest/usr/share/iotsim/fleets"
	touch "$dest/usr/share/iotsim/fleets/mine.json"
	make -s DESTDIR="$dest" PREFIX=/usr uninstall
	[ -e "$dest/usr/share/iotsim/fleets/mine.json" ]
}

@test "a PREFIX with a blank is refused before anything is written" {
	cd "$IOTSIM_ROOT"
	for target in install uninstall; do
		run ! make -s B="$BATS_TEST_TMPDIR/build" CFLAGS=-O0 -n \
			DESTDIR="$dest" PREFIX="/a b" $target
		[[ $output = *"PREFIX must not have blanks: '/a b'"* ]]
	done
	[ ! -e "$dest" ]
}

@test "what make dist packs can be built" {
	archive=$(make -s -C "$IOTSIM_ROOT" dist)
	tar -C "$BATS_TEST_TMPDIR" -xzf "$IOTSIM_ROOT/$archive"
	cd "$BATS_TEST_TMPDIR"/iotsim-*
	make -s -j2 CFLAGS=-O0 DESTDIR="$dest" install
	runs "$dest/usr/local/bin/iotsim" .
}
