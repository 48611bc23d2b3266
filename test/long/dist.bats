#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The archive of make dist stands alone: it is built, tested and packed where
# there is no git, and nothing of the tree that it came from.

load ../common

export BATS_TEST_TIMEOUT=3600

setup() {
	cd "$BATS_TEST_TMPDIR"
	archive=$(make -s -C "$IOTSIM_ROOT" dist)
	version=$(cat "$IOTSIM_ROOT/VERSION")
	tar -xzf "$IOTSIM_ROOT/$archive"
	cd "iotsim-$version"
	[ ! -e .git ]
	# Saves a download.
	mkdir build
	[ ! -d "$IOTSIM_ROOT/build/tools" ] ||
		cp -r "$IOTSIM_ROOT/build/tools" build
}

# As from a shell of its own: bats has put its parts into the path, too.
make_alone() { # TARGET...
	env -i PATH="${PATH#"$BATS_LIBEXEC:"}" HOME="$HOME" TMPDIR="$BATS_TEST_TMPDIR" \
		make -s -j2 "$@" >../log 2>&1 3>&- || {
		tail -n 200 ../log
		return 1
	}
}

@test "the archive is built and passes its tests" {
	make_alone check SUITES="unit cli"
	[[ "$(tail -n 1 ../log)" =~ ^[0-9]{3,}\ passed,\ 0\ failed,\ [0-9]+\ skipped$ ]]
}

@test "the archive makes the same archive" {
	make_alone dist
	diff <(tar -tzf "build/iotsim-$version.tar.gz" | grep -v '/$' | sort) \
		<(tar -tzf "$IOTSIM_ROOT/$archive" | grep -v '/$' | sort)
}

@test "the archive makes a Debian package that lintian accepts" {
	reason=$(test/deps -n build allocator unit deb 2>&1) || skip "$reason"
	make_alone deb
	make_alone DESTDIR="$PWD/dest" PREFIX=/usr install
	deb=$(echo "build/iotsim_${version}_"*.deb)
	[ "$(dpkg-deb -f "$deb" Version)" = "$version" ]
	diff <(dpkg-deb -c "$deb" | awk '/^-/ { print $6 }' |
		grep -v /share/doc/ | sed 's/\.gz$//' | sort) \
		<(cd dest && find . -type f |
			sed 's|site-functions|vendor-completions|' | sort)
	dpkg-deb -x "$deb" unpacked
	[[ "$(unpacked/usr/bin/iotsim --version)" = "iotsim $version "* ]]
	command -v lintian >/dev/null || skip "no lintian: apt-get install lintian"
	run ! grep -E '^[EW]: ' ../log
}
