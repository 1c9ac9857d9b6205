#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A key in the life of a program: threads, children, ends of every kind. The program is helpers/lifecycle.c.
#
# LIFECYCLE_SIGNATURES is how many signatures each of the 32 threads makes; 1000 is a thorough run.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin

# Workers of each sort: what is asked of them, and how, differs.
sorts() {
  printf '%s\n' W,key=p-256 R,key=rsa-2048 PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 \
    Hashes,SIGNATUREALGORITHM=SHA256withRSA ED,key=ed25519
  ! plain_openssl list -key-managers | grep -q ML-DSA-44 || printf '%s\n' ML,key=ml-dsa-44
}

setup_file() {
  local sort arguments=()
  for sort in $(sorts); do
    arguments+=(--worker "$sort")
  done
  standin_start --worker P,key=p-384 "${arguments[@]}"
  use_openssl_config last
  export PATH=$BUILD_DIR/tests:$PATH
}

teardown_file() {
  standin_stop
}

pinned() {
  printf 'signserver:%s?cert=%s' "$1" "$STANDIN/$1.pem"
}

# Fills KEYS with the URIs of one of each sort.
pin_each_sort() {
  local sort
  KEYS=()
  for sort in $(sorts); do
    KEYS+=("$(pinned "${sort%%,*}")")
  done
}

# lives ARGUMENT...: in time and without a word. A sanitizer's words, and its exit status, count.
lives() {
  run timeout "${LIFECYCLE_SECONDS:-120}" lifecycle "$@"
  assert_success
  assert_output ''
}

# The requests and connections that a command adds, as "REQUESTS CONNECTIONS".
traffic_of() {
  local requests connections
  requests=$(standin_requests) connections=$(standin_connections)
  "$@" || return
  TRAFFIC="$(($(standin_requests) - requests)) $(($(standin_connections) - connections))"
}

@test "signatures of one thread are one connection, and a request each when the worker is pinned" {
  traffic_of lives sign 20 "$(pinned W)"
  assert_equal "$TRAFFIC" '20 1'
}

@test "without a pin there is one request more, the probe" {
  traffic_of lives sign 5 signserver:W
  assert_equal "$TRAFFIC" '6 1'
}

# Lines of strace with the files that a connection needs.
file_accesses() {
  strace -f -qq -e trace=%file -o "$BATS_TEST_TMPDIR/calls" lifecycle sign "$1" "$(pinned W)" || return
  grep -c -e "$SIGNSERVER_CA_CERT_PATH" -e "$SIGNSERVER_CLIENT_CERT_PATH" "$BATS_TEST_TMPDIR/calls"
}

@test "certificates are read for a connection, and not for each signature" {
  [ -z "${SANITIZE:-}" ] || skip 'strace and a sanitizer do not go together'
  strace -qq -o "$BATS_TEST_TMPDIR/calls" true 2>/dev/null || skip 'strace cannot trace here'
  local few many
  few=$(file_accesses 2) many=$(file_accesses 12)
  [ "$few" -gt 0 ]
  assert_equal "$many" "$few"
}

@test "32 threads sign with one key and make no request too many" {
  local signatures=${LIFECYCLE_SIGNATURES:-8}
  traffic_of lives threads 32 "$signatures" "$(pinned W)"
  assert_equal "${TRAFFIC% *}" $((32 * signatures))
  # In a thorough run some are not needed for minutes, which libcurl and servers take for a reason to close them.
  [ "${TRAFFIC#* }" -le 32 ] || [ -n "${LIFECYCLE_SIGNATURES:-}" ] || complain "$TRAFFIC"
}

@test "32 threads load, sign with and free several keys of each sort at a time" {
  local signatures=${LIFECYCLE_SIGNATURES:-8}
  pin_each_sort
  lives threads 32 "$signatures" "${KEYS[@]}" signserver:R signserver:///P signserver:W
}

@test "threads that are all the first to use the provider agree" {
  lives race 32 signserver:R
}

@test "parent and children sign, each over a connection of its own" {
  # A child leaves its parent's connection alone, and with it what that takes of its memory.
  ASAN_OPTIONS=detect_leaks=0 traffic_of lives fork 3 "$(pinned W)"
  assert_equal "$TRAFFIC" '13 3'
}

@test "parent and children sign with a key of each sort" {
  local key
  pin_each_sort
  for key in "${KEYS[@]}"; do
    ASAN_OPTIONS=detect_leaks=0 lives fork 1 "$key"
  done
}

@test "a child that is made while a thread waits for its answer signs" {
  # The thread, and what it was at, is not there in the child.
  ASAN_OPTIONS=detect_leaks=0 lives fork-amid-request "$STANDIN/W.pem" "$(pinned W)"
}

@test "exit while a thread waits for its answer ends the program" {
  lives exit-amid-request "$STANDIN/W.pem"
}

@test "a program that is executed inherits no connection" {
  run lifecycle exec "$(pinned W)"
  assert_success
  assert_output 0
}

@test "the provider is unloaded and loaded again, and a key outlives the unloading" {
  OPENSSL_CONF=/dev/null lives reload 10 signserver:W
}

@test "the module is opened and closed by somebody who does not know it" {
  lives dlclose "$BUILD_DIR/provider/signserver.so" 5
}

@test "OPENSSL_cleanup, when all is freed and when a key is alive" {
  lives cleanup signserver:W
  # The key is what is leaked then, by the program.
  ASAN_OPTIONS=detect_leaks=0 lives cleanup-with-key signserver:W
}

@test "a program that has libcurl for itself begins and ends with it as it likes" {
  lives libcurl signserver:W "$(cat "$STANDIN/url")/signserver/healthcheck/signserverhealth"
}

# section DIRECTORY: the settings that the environment has otherwise, for a configuration.
section() {
  printf '%s\n' "url = $(cat "$1/url")" "ca-file = $1/ca.pem" "client-cert = $1/client.pem" "client-key = $1/client.key"
}

@test "two library contexts have a server each, at the same time" {
  local first=$STANDIN line lines=()
  mapfile -t lines < <(section "$first")
  openssl_config last "${lines[@]}" >first.cnf
  standin_start_in "$BATS_TEST_TMPDIR/second" --worker W,key=p-256
  mapfile -t lines < <(section "$BATS_TEST_TMPDIR/second")
  openssl_config first "${lines[@]}" >second.cnf
  standin_without_server
  OPENSSL_CONF=/dev/null lives contexts first.cnf second.cnf signserver:W
  assert_equal "$(standin_requests)" 4
}

@test "loaded by the configuration and by -provider, in either order" {
  printf 'text' >text
  run openssl dgst -provider signserver -provider default -sha256 -sign "$(pinned W)" -out text.sig text
  assert_success
  run openssl dgst -provider default -provider signserver -sha256 -verify <(openssl x509 -in "$STANDIN/W.pem" -noout -pubkey) \
    -signature text.sig text
  assert_success
}

@test "a client key that is on the server itself is refused, from the configuration and from the environment" {
  printf 'text' >text
  local name
  for name in signserver:W signserver:///W; do
    SIGNSERVER_CLIENT_CERT_KEY_PATH=$name run openssl dgst -sha256 -sign "$(pinned W)" text
    assert_failure
    assert_contains 'cannot itself be on SignServer'
    unset SIGNSERVER_CLIENT_CERT_KEY_PATH
    use_openssl_config last "client-key = $name"
    run openssl dgst -sha256 -sign "$(pinned W)" text
    assert_failure
    assert_contains 'cannot itself be on SignServer'
  done
}

# memcheck LEAKS ARGUMENT...: LEAKS is what valgrind is to do about them.
memcheck() {
  [ -z "${SANITIZE:-}" ] || skip 'valgrind and a sanitizer do not go together'
  run timeout 120 valgrind --quiet --error-exitcode=9 --leak-check="$1" --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite lifecycle "${@:2}"
  assert_success
  assert_output ''
}

@test "valgrind: threads leak nothing and read nothing that is gone, with keys of each sort" {
  pin_each_sort
  memcheck full threads 4 4 "${KEYS[@]}" signserver:R
}

@test "valgrind: neither does a life of loading and unloading" {
  OPENSSL_CONF=/dev/null memcheck full reload 2 signserver:W
}

@test "valgrind: OPENSSL_cleanup takes nothing away from a key that is alive" {
  memcheck no cleanup-with-key signserver:W
}
