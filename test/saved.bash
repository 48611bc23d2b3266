# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# saved.bash - what a group keeps of a partition, put there by a test

commit() { # GROUP TOPIC PARTITION OFFSET TEXT
	timeout 60 "$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/commit" \
		"$KAFKA_BOOTSTRAP_SERVERS" "$@"
}

# A text as a member stores it (agg/saved.h), of one that has begun in a topic
# of one partition; each KEY=VALUE replaces one of it.
saved() { # NEXT KEY=VALUE...
	local text edits=() item
	text="iotsim 1 interval=10000000 grace=1000000 time=0 partitions=1"
	text+=" next=$1 seen=-1 seen-at=- greatest=- closed=- cut=0 from=-"
	text+=" intent=- id=0 used=0 open=0 late=0 future=0 malformed=0"
	text+=" skipped=0 left-out= fields="
	for item in "${@:2}"; do
		edits+=(-e "s/ ${item%%=*}=[^ ]*/ $item/")
	done
	sed "${edits[@]}" -e '' <<<"$text"
}
