# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What happens when something is wrong with a key on a server, asserted alike for every fault; after common.bash.

# In setup_file: the artifact that is to be signed.
make_unsigned_artifact() {
  printf 'some payload' >"$BATS_FILE_TMPDIR/payload.bin"
  mender-artifact write module-image -T test-mod -c test-device -n release-1 \
    -f "$BATS_FILE_TMPDIR/payload.bin" -o "$BATS_FILE_TMPDIR/unsigned.mender"
}

# After `run --separate-stderr`: exit status 1, nothing on standard output, one line of error which holds each of the words.
assert_one_clear_line() {
  local word
  assert_failure 1
  assert_equal "$output" ''
  # shellcheck disable=SC2154
  assert_equal "${#stderr_lines[@]}" 1
  for word in "$@"; do
    assert_contains "$word"
  done
}

# assert_fault_uri URI WORD...: neither sign nor write with that key leaves anything behind, and both say why in one line; the
# openssl command fails too, and its error holds the same words.
assert_fault_uri() {
  local uri=$1
  shift
  mkdir work && cd work || return
  echo old >old.mender
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o old.mender --key "$uri"
  assert_one_clear_line "$@"
  run --separate-stderr mender-artifact write module-image -T test-mod -c test-device -n release-1 -o new.mender --key "$uri"
  assert_one_clear_line "$@"
  assert_equal "$(cat old.mender)" old
  assert_directory . old.mender
  export OPENSSL_CONF=$TESTS/../cnf/openssl-user.cnf
  run openssl dgst -sha256 -sign "$uri" -out signature "$BATS_FILE_TMPDIR/payload.bin"
  assert_failure 1
  [ ! -s signature ] || complain "a signature was written"
  for word in "$@"; do
    assert_contains "$word"
  done
  cd ..
}

# assert_fault WORKER WORD...: the same, and the worker is named.
assert_fault() {
  local worker=$1
  shift
  assert_fault_uri "signserver:$worker" "worker $worker" "$@"
}
