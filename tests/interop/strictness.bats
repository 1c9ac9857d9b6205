#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each rule of the format broken once (helpers/strictness.c): what we say of it, what Debian's tool says, and why, where we
# differ from it or from a device.

load ../helpers/common

REFERENCE=/usr/bin/mender-artifact

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/corpus"
  "$BUILD_DIR/tests/strictness" "$BATS_FILE_TMPDIR/corpus" >"$BATS_FILE_TMPDIR/rows"
}

# for_each_row FUNCTION: calls it with name, our verdict, the newest tool's, Debian's, a device's, words and reason.
for_each_row() {
  local row failures=0
  cd "$BATS_FILE_TMPDIR/corpus" || return
  while IFS=$'\t' read -r -a row <&7; do
    "$1" "${row[@]}" || failures=$((failures + 1))
  done 7<../rows
  assert_equal $failures 0
}

our_verdict() {
  local name=$1 expected=$2 words=$6 is=ok
  run --separate-stderr mender-artifact validate "$name.mender"
  # shellcheck disable=SC2154
  [ -z "$stderr" ] || is=warn
  [ "$status" -eq 0 ] || is=no
  [ $is != no ] || [ "$status" -eq 5 ] || complain "$name: exit status $status" || return
  [ $is = "$expected" ] || complain "$name: $is instead of $expected" || return
  [ "$words" = - ] || [[ $stderr == *"$words"* ]] || complain "$name: not because of: $words"
}

their_verdict() {
  local name=$1 expected=$4 is=ok
  run $REFERENCE validate "$name.mender"
  [ "$status" -eq 0 ] || is=no
  [ $is = "$expected" ] || complain "$name: $is instead of $expected"
}

# Of two readers the stricter one is followed. We accept what one of them refuses, or refuse what devices take, for a reason only.
reason_is_given() {
  local name=$1 ours=$2 tool=$3 device=$5 reason=$7
  case $ours,$tool,$device in
  no,*,no | ok,ok,ok | warn,ok,ok) return ;;
  esac
  [ "$reason" != - ] || complain "$name: $ours, the tool $tool, a device $device, and no reason is given"
}

@test "our verdict on each row is the table's, for the reason it names" {
  for_each_row our_verdict
}

@test "Debian's tool says of each row what the table says of it" {
  [ -x $REFERENCE ] || skip "Debian's mender-artifact is not installed"
  [[ $($REFERENCE --version) == *' 3.9.'* ]] || skip 'this is another release than the one in the table'
  for_each_row their_verdict
}

@test "where we accept what another refuses, or refuse what devices take, a reason is given" {
  for_each_row reason_is_given
}
