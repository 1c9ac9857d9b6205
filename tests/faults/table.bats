#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every fault that the stand-in can play, for each of load, store and sign: what happens is what the manual's table says,
# within the time limit, and nothing is leaked.

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

# Answers that are slow take minutes: what lasts so long has waited for one, however busy the machine is.
LATE_SECONDS=30

is_slow() {
  [[ $1 == delay || $1 == slow-body ]]
}

argument() {
  printf '%s' "$1"
  ! is_slow "$1" || printf ':120000'
}

# assert_outcome FAULT OUTCOME COMMAND...: it works, or fails with one error of this reason, and leaves nothing.
assert_outcome() {
  local fault=$1 outcome=$2
  shift 2
  rm -f out
  local began=$SECONDS
  run --separate-stderr "$@"
  [ $((SECONDS - began)) -lt $LATE_SECONDS ] || complain "$fault: the time limit of 1 s has passed long ago" || return
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

# Lines of helpers/outcomes.c, of the faults that are slow, or of those that are not.
expected_outcomes() {
  local step fault outcome
  for step in load store sign; do
    while IFS=$'\t' read -r fault outcome; do
      [[ $(is_slow "$fault" && echo slow) != "$1" ]] || printf '%s\t%s\t%s\n' "$step" "$(uri "$step" "$fault")" "$outcome"
    done < <(rows "$([[ $step == sign ]] && echo signing || echo opening)")
  done
}

uri() {
  local worker=${2/:/-}
  printf 'signserver:%s' "$worker"
  [[ $1 != sign ]] || printf '?cert=%s' "$STANDIN/$worker.pem"
}

# leaks_nothing [slow]: all steps with these faults in one process, under valgrind where no sanitizer looks for leaks.
leaks_nothing() {
  local watch=() step uri arguments=()
  [ -n "${SANITIZE:-}" ] || watch=(valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect
    --errors-for-leak-kinds=definite,indirect --error-exitcode=9)
  expected_outcomes "${1:-}" >expected
  [ -s expected ]
  while IFS=$'\t' read -r step uri _; do
    arguments+=("$step" "$uri")
  done <expected
  run --separate-stderr "${watch[@]}" "$BUILD_DIR/tests/outcomes" $LATE_SECONDS "${arguments[@]}"
  assert_success
  # shellcheck disable=SC2154
  [ -z "$stderr" ] || complain 'it was not quiet'
  diff expected <(printf '%s\n' "$output")
}

@test "a process that meets each fault at each step goes on, in time, and leaks nothing" {
  use_openssl_config last 'retries = 0'
  leaks_nothing
}

@test "a process whose answers are late goes on, in time, and leaks nothing" {
  leaks_nothing slow
}
