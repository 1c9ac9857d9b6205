#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each rule of the format broken once (helpers/strictness): what we say of it, what Debian's tool and a device say, and why,
# where we differ from them.

load ../helpers/common
load ../helpers/device

REFERENCE=/usr/bin/mender-artifact

# Ours of all rows, in their order: verdict, that of the tool and of a device as we tell it, and exit status.
setup_file() {
  local name status
  mkdir "$BATS_FILE_TMPDIR/corpus"
  cd "$BATS_FILE_TMPDIR/corpus" || return
  "$BUILD_DIR/tests/strictness" . >../rows
  while IFS=$'\t' read -r name _; do
    status=0
    mender-artifact validate --json "$name.mender" >"$name.json" 2>"$name.stderr" || status=$?
    echo $status >>../statuses
    echo "$name.json" >>../names
  done <../rows
  xargs jq -r '([.errors[], .warnings[]] | map(.refused_by[])) as $by
    | [if .errors != [] then "no" elif .warnings != [] then "warn" else "ok" end,
       if $by | index("mender-artifact") then "no" else "ok" end,
       if $by | index("devices") then "no" else "ok" end] | @tsv' <../names | paste - ../statuses >../ours
}

# release_5 NAME VERDICT: the device client's release 5 has the table's verdict, which is that of the newest, except here.
release_5() {
  case $1 in
  outer-foreign-member | outer-second-payload | outer-payload-0001) echo no ;; # it reads what follows the payload
  manifest-twice) echo no ;;                                                   # of two lines the last counts, which is wrong
  name-empty) echo no ;;                                                       # once it is installed, it falls over it
  header-info-two-payloads | file-unlisted) echo ok ;;                         # it takes no notice
  *) echo "$2" ;;
  esac
}

# debian NAME VERDICT: Debian's tool has the table's verdict, which is that of release 3.9, except here.
debian() {
  case $1 in
  # Releases since have another decoder of xz.
  xz-no-check | xz-filter) [[ $($REFERENCE --version) == *' 3.'* ]] && echo "$2" || echo no ;;
  *) echo "$2" ;;
  esac
}

# for_each_row FUNCTION: calls it with name, our verdict, the newest tool's, Debian's, a device's, words and reason, and then what
# we said: verdict, the tool's, a device's, exit status.
for_each_row() {
  local row failures=0 count=0
  cd "$BATS_FILE_TMPDIR/corpus" || return
  while IFS=$'\t' read -r -a row <&7; do
    count=$((count + 1))
    "$1" "${row[@]}" || failures=$((failures + 1))
  done 7< <(paste ../rows ../ours)
  assert_equal $failures 0
  [ $count -gt 150 ]
}

our_verdict() {
  local name=$1 expected=$2 words=$6 is=$8 status=${11}
  [ "$is" = "$expected" ] || complain "$name: $is instead of $expected" || return
  case $is,$status in
  no,5 | ok,0 | warn,0) ;;
  *) complain "$name: $is, and exit status $status" || return ;;
  esac
  if [ "$is" = ok ]; then
    [ ! -s "$name.stderr" ] || complain "$name: not a word is wanted"
  else
    [ "$words" != - ] || complain "$name: words are wanted, so that it is $is for the right cause" || return
    grep -qF -e "$words" "$name.stderr" || complain "$name: not because of: $words"
  fi
}

their_verdict() {
  local name=$1 expected is=ok
  expected=$(debian "$name" "$4")
  $REFERENCE validate "$name.mender" >/dev/null 2>&1 || is=no
  [ $is = "$expected" ] || complain "$name: $is instead of $expected"
}

who_refuses() {
  local name=$1 tool=$3 device=$5
  [ "$tool" = "$9" ] || complain "$name: of the tool we say $9, and it says $tool" || return
  [ "$device" = "${10}" ] || complain "$name: of devices we say ${10}, and they say $device"
}

device_verdict() {
  local name=$1 ours=$2 expected reason=$7 is=ok
  expected=$(release_5 "$name" "$5")
  device_installs "$name.mender"
  # What is only meant for another has nothing wrong with it.
  [ "$status" -eq 0 ] || is_for_another_device || is=no
  [ $is = "$expected" ] || complain "$name: $is instead of $expected" || return
  [ "$ours" = no ] || [ $is = ok ] || [ "$reason" != - ] || complain "$name: we accept it, and no reason is given"
}

reason_is_given() {
  local name=$1 ours=${2/warn/ok} tool=$3 device=$5 reason=$7
  [ "$ours,$ours" = "$tool,$device" ] || [ "$reason" != - ] ||
    complain "$name: $ours, the tool $tool, a device $device, and no reason is given"
}

@test "our verdict on each row is the table's, for the reason it names" {
  for_each_row our_verdict
}

@test "Debian's tool says of each row what the table says of it" {
  [ -x $REFERENCE ] || skip "Debian's mender-artifact is not installed"
  [[ $($REFERENCE --version) == *' '@(3.9|4.1).* ]] || skip 'this is another release than the one in the table'
  for_each_row their_verdict
}

@test "who refuses a row is told as the table has it" {
  for_each_row who_refuses
}

@test "a device says of each row what the table says of it" {
  [[ $("$TESTS/helpers/device-client") == 5.* ]] || skip 'release 5 of mender-client is not installed'
  for_each_row device_verdict
}

@test "where we differ from the tool or from devices, a reason is given" {
  for_each_row reason_is_given
}
