#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Completion, as bash, zsh and fish themselves do it.

load ../common

shells=(bash zsh fish)

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin etc
	ln -s "$IOTSIM" bin/iotsim
	export HOME=$PWD/etc PATH=$PWD/bin:$PATH
	unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_DATA_DIRS ZDOTDIR BASH_ENV ENV
	for shell in "${shells[@]}"; do
		iotsim completion "$shell" >"etc/iotsim.$shell"
	done
}

need() { # SHELL
	command -v "$1" >/dev/null || skip "no $1: apt-get install $1"
}

# What the shell completes in each line of stdin, a line each. The folder has
# the file a.json and the folder out.
answers() { # SHELL [SETUP]
	local setup="source $PWD/etc/iotsim.$1"
	[ "$1" != zsh ] || setup="autoload -U compinit; compinit -u -D; $setup"
	mkdir -p folder/out
	touch folder/a.json
	(cd folder && "$PYTHON" "$IOTSIM_ROOT/test/complete.py" "$1" \
		"${2:-$setup}" | sed 's|out/|out|g')
}

# LINE => ANSWER, on stdin, is what the shell completes.
completes() { # SHELL
	cat >expected
	sed 's/ =>.*//; s/_$//' expected >lines
	answers "$1" <lines >got
	diff <(sed 's/.*=> *//' expected) got
}

# Words, each once, on one line.
sorted() {
	tr -s ' \n' '\n' | sed '/^$/d' | LC_ALL=C sort -u | paste -sd ' '
}

commands() {
	iotsim help | sed -nE 's/^  ([a-z]+)  +.*/\1/p'
}

# The spellings of all options of --help.
options_of() { # COMMAND
	iotsim "$1" --help | sed -nE 's/^  (  |-.)(  |, )(--[a-z-]+).*/\1 \3/p' |
		sorted
}

# OPTION ARGUMENT, of all options that take one.
arguments_of() { # COMMAND
	iotsim "$1" --help | sed -nE 's/^ .*(--[a-z-]+) ([^ ]+)( .*|$)/\1 \2/p'
}

offers_options() { # SHELL
	need "$1"
	for command in $(commands); do
		[ "$command" != help ] || continue
		echo "iotsim $command - => $(options_of "$command")"
	done >all
	grep -q -e '=> .*--dry-run.* -c' all
	completes "$1" <all
}

@test "bash offers the options of each command's help, and nothing else" {
	offers_options bash
}

@test "zsh offers the options of each command's help, and nothing else" {
	offers_options zsh
}

@test "fish offers the options of each command's help, and nothing else" {
	offers_options fish
}

# For numbers and times nothing; the words that the argument names; and files
# or folders where it is one.
offers_values() { # SHELL
	need "$1"
	for command in $(commands); do
		arguments_of "$command" | while read -r option arg; do
			answer=
			case $option:$arg in
			--start:* | --late-to:* | *:FILE\|NAME) continue ;;
			*:N | *:I/N | *:TIME | *:TIME:N,...) ;;
			*:ID | *:TEXT | *:NAME | *:HOST:PORT) ;;
			*:FILE | *:FILE.csv) answer="a.json out" ;;
			*:DIR) answer=out ;;
			*:*\|*)
				answer=$(echo "$arg" | tr '|' '\n' |
					grep -v '^[A-Z]' | sorted)
				;;
			*) continue ;;
			esac
			echo "iotsim $command $option _ => $answer"
		done
	done >all
	for line in "consume --output _ => out" "consume --grace _ => " \
		"produce --to _ => - kafka" "demo --max-rows _ => all"; do
		grep -qFx -e "iotsim $line" all
	done
	completes "$1" <all
}

@test "bash offers the values of each option, and no files for numbers" {
	offers_values bash
}

@test "zsh offers the values of each option, and no files for numbers" {
	offers_values zsh
}

@test "fish offers the values of each option, and no files for numbers" {
	offers_values fish
}

# The words that the error of a wrong one lists.
known_to() { # ARG...
	iotsim "$@" 2>&1 >/dev/null </dev/null |
		grep -oE '\([a-z, -]+\)' | tr -d '(),' | sorted
}

# What is not in an option's argument: each line in all three shells alike.
some_lines() {
	local fleets types='humidity pressure temperature' laws faults
	fleets="a.json out list $(cd "$IOTSIM_ROOT/fleets" &&
		basename -s .json -- * | sorted)"
	laws=$(known_to produce --dry-run --distribution no)
	faults=$(known_to produce --dry-run --fault no:1)
	cat <<-END
		iotsim _ => $(commands | sorted)
		iotsim pro => produce
		iotsim - => --help --version -V -h
		iotsim help _ => $(commands | grep -vx help | sorted)
		iotsim no-command - => -
		iotsim produce --fleet _ => $(echo "$fleets" | sorted)
		iotsim produce --fleet coldchain --fleet off => office
		iotsim produce --fleet=off => office
		iotsim produce --types _ => $types
		iotsim produce --types humidity press => pressure
		iotsim produce --types=humidity press => pressure
		iotsim produce --types humidity,press => humidity,pressure
		iotsim produce --types=humidity,press => humidity,pressure
		iotsim produce --types humidity --dry => --dry-run
		iotsim produce --delays 1 -2 --dry => --dry-run
		iotsim produce -c 5 --dry => --dry-run
		iotsim produce -qv --dry => --dry-run
		iotsim produce --distribution _ => $laws
		iotsim produce --fault _ => ${faults// /: }:
		iotsim produce --start _ => now
		iotsim produce -X li => list
		iotsim produce --replay a => a.json
		iotsim consume --format= => csv json table
		iotsim consume --stats count,me => count,mean
		iotsim consume --by na => name
		iotsim consume --from _ => - beginning end
		iotsim consume --field _ => name= time= type= value=
		iotsim consume --late-to _ => a.json out topic:
		iotsim consume --late-to=a => a.json
		iotsim consume -F a => a.json
		iotsim consume --output=o => out
		iotsim group _ => reset show
		iotsim group show _ =>
		iotsim group show g --topi => --topic
		iotsim completion _ => bash fish zsh
		iotsim broker -- iots => iotsim
		iotsim broker -t x -- cat a => a.json
		iotsim broker -- iotsim consume --exit => --exit-at-end
	END
}

offers_words() { # SHELL
	need "$1"
	some_lines >all
	grep -q '=> .*normal poisson uniform' all
	grep -q '=> .*stuck:' all
	completes "$1" <all
}

@test "bash completes commands, words, lists, fleets, files" {
	offers_words bash
}

@test "zsh completes commands, words, lists, fleets, files" {
	offers_words zsh
}

@test "fish completes commands, words, lists, fleets, files" {
	offers_words fish
}

@test "bash completes names with blanks, and behind a redirection" {
	mkdir folder
	touch "folder/with blanks"
	echo 'iotsim consume --check wi' | answers bash >got
	[ "$(cat got)" = "blanks with" ]
	# It is made by what is typed, if it is not completed.
	printf '%s\n' 'iotsim produce --to - >a' 'iotsim consume --from - < a' |
		answers bash
	[ ! -e folder/a ]
}

@test "bash completes without '=' and ':' in COMP_WORDBREAKS" {
	printf '%s\n' 'iotsim consume --format=' 'iotsim consume --late-to t' |
		answers bash "source $PWD/etc/iotsim.bash
			COMP_WORDBREAKS=\${COMP_WORDBREAKS//[=:]}" >got
	[ "$(cat got)" = "csv json table
topic:" ]
}

# Each finds it by itself where it is installed.
found() { # SHELL FILE SETUP
	need "$1"
	mkdir -p "$(dirname "etc/share/$2")"
	cp "etc/iotsim.$1" "etc/share/$2"
	export XDG_DATA_DIRS=$PWD/etc/share
	echo 'iotsim produce --dry' | answers "$1" "$3" >got
	[ "$(cat got)" = --dry-run ]
}

@test "bash-completion finds what is installed" {
	local it=/usr/share/bash-completion/bash_completion
	[ -e $it ] || skip "no bash-completion: apt-get install bash-completion"
	found bash bash-completion/completions/iotsim "source $it"
}

@test "zsh finds what is installed" {
	found zsh zsh/site-functions/_iotsim "
		fpath=($PWD/etc/share/zsh/site-functions \$fpath)
		autoload -U compinit
		compinit -u -D"
}

@test "fish finds what is installed" {
	found fish fish/vendor_completions.d/iotsim.fish true
}

@test "fish shows what is completed" {
	need fish
	fish -c "source etc/iotsim.fish
		complete -C 'iotsim pro'; complete -C 'iotsim demo --max-rep'" >got
	diff - got <<-END
		produce	simulate sensors that write their readings into a topic
		--max-reports	end after N reports
	END
}

@test "completion: a shell it is for, or one line that says which" {
	refused "SHELL is missing" "bash, zsh or fish" -- completion
	refused "no shell 'tcsh'" bash zsh fish -- completion tcsh
	refused "no shell 'fsh', did you mean 'fish'?" -- completion fsh
	refused "unexpected word 'zsh'" -- completion bash zsh
	refused "unknown option '--all'" -- completion bash --all
}

@test "a full disk is told of" {
	status=0
	iotsim completion bash >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	grep -q '^iotsim: cannot write to standard output' err
}
