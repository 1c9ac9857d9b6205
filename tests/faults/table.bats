#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every fault that the stand-in can play, for each of load, store and sign: what happens is what the manual's table says.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

# rows opening|signing: those of the manual, fault and outcome, separated by a tab.
rows() {
  sed -nE "/^\.Ss What happens/,/^\.El/s/^\.It ([a-z].*) Ta (both|$1) Ta (.*)$/\1\t\3/p" "$TESTS/../docs/provider-signserver.7"
}

setup_file() {
  local fault arguments=()
  while IFS=$'\t' read -r fault _; do
    arguments+=(--worker "${fault/:/-},key=p-256,SIGNATUREALGORITHM=NONEwithECDSA,fault=$(argument "$fault")")
  done < <(rows opening)
  standin_start "${arguments[@]}"
  name_host
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last 'retries = 0' 'timeout = 1'
  printf 'a message' >message
}

# Later than the time limit.
argument() {
  case $1 in
  delay | slow-body) printf '%s:60000' "$1" ;;
  *) printf '%s' "$1" ;;
  esac
}

# assert_outcome FAULT OUTCOME COMMAND...: it works, or fails with one error of this reason, and leaves nothing.
assert_outcome() {
  local fault=$1 outcome=$2
  shift 2
  rm -f out
  run --separate-stderr "$@"
  if [[ $outcome == works ]]; then
    assert_success
    return
  fi
  [ "$status" -eq 1 ] || complain "$fault: status $status instead of 1" || return
  # shellcheck disable=SC2154
  [ "$(grep -c ":signserver:[^:]*:$outcome:" <<<"$stderr")" -eq 1 ] || complain "$fault is no '$outcome': $stderr" || return
  [[ $stderr == *"worker ${fault/:/-} at $HOST"* ]] || complain "$fault: worker and host are not named: $stderr" || return
  [ ! -s out ] || complain "$fault: there is an output"
}

# for_each opening|signing COMMAND...: FAULT in the command stands for the URI of the worker.
for_each() {
  local when=$1 fault outcome count=0
  shift
  while IFS=$'\t' read -r fault outcome; do
    assert_outcome "$fault" "$outcome" "${@//FAULT/signserver:${fault/:/-}}" || return
    count=$((count + 1))
  done < <(rows "$when")
  [ "$count" -gt 20 ] || complain 'the table is not read'
}

@test "load: a key that is not pinned opens, or fails, as the manual says of each fault" {
  for_each opening openssl pkey -in FAULT -pubout -out out
}

@test "store: the certificate is found, or not, as the manual says of each fault" {
  for_each opening openssl x509 -in FAULT -out out
}

@test "sign: a pinned key signs, or fails, as the manual says of each fault" {
  use_openssl_config last 'retries = 0' 'timeout = 1' "certificate-dir = $STANDIN"
  for_each signing openssl dgst -sha256 -sign FAULT -out out message
}
