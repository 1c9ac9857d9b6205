# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What happens when something is wrong with a key on a server, asserted alike for every fault; after common.bash, standin.bash
# and openssl.bash.
#
#   assert_fault WORKER WORD...             nothing of the key works: opening it fails, without a pin, and signing, with one
#   refute_opening URI WORD...              the key cannot be opened
#   refute_signing URI WORD...              it cannot sign
#
# Each command is to fail with an error that holds every one of the words, and to leave nothing behind.

# In setup_file: the artifact that is to be signed.
make_unsigned_artifact() {
  printf 'some payload' >"$BATS_FILE_TMPDIR/payload.bin"
  mender-artifact write module-image -T test-mod -c test-device -n release-1 \
    -f "$BATS_FILE_TMPDIR/payload.bin" -o "$BATS_FILE_TMPDIR/unsigned.mender"
}

# In setup_file, after standin_start: HOST as errors name it.
name_host() {
  HOST=${SIGNSERVER_HOSTNAME#https://}
  export HOST=${HOST%%/*}
}

# After `run --separate-stderr`: exit status 1, nothing on standard output, and on standard error these words.
assert_failure_says() {
  local word
  assert_failure 1
  refute_output
  for word in "$@"; do
    assert_contains "$word"
  done
}

# The same, and it is one line.
assert_one_clear_line() {
  assert_failure_says "$@"
  # shellcheck disable=SC2154
  assert_equal "${#stderr_lines[@]}" 1
}

# openssl with the provider activated, by a configuration that says no more than that, or by the test's own.
openssl_with_provider() {
  local configuration=${OPENSSL_CONF:-$BATS_TEST_TMPDIR/provider.cnf}
  [ -e "$configuration" ] || openssl_config last >"$configuration"
  OPENSSL_CONF=$configuration openssl "$@"
}

# mender-artifact can neither sign an artifact nor write a signed one. What was at the target is still there, and no temporary
# file is.
refute_signed_artifact() {
  local uri=$1 directory
  shift
  directory=$(mktemp -d "$BATS_TEST_TMPDIR/artifacts-XXXXXX")
  echo old >"$directory/old.mender"
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o "$directory/old.mender" --key "$uri"
  assert_one_clear_line "$@"
  run --separate-stderr mender-artifact write module-image -T test-mod -c test-device -n release-1 \
    -f "$BATS_FILE_TMPDIR/payload.bin" -o "$directory/new.mender" --key "$uri"
  assert_one_clear_line "$@"
  assert_equal "$(cat "$directory/old.mender")" old
  assert_directory "$directory" old.mender
}

# openssl signs neither a message nor a digest: the file for the signature, which it makes beforehand, stays empty.
refute_signature() {
  local uri=$1
  shift
  head -c 32 /dev/zero >digest
  rm -f signature
  run --separate-stderr openssl_with_provider dgst -sha256 -sign "$uri" -out signature digest
  assert_failure_says "$@"
  run --separate-stderr openssl_with_provider pkeyutl -sign -inkey "$uri" -in digest -pkeyopt digest:sha256 -out signature
  assert_failure_says "$@"
  [ ! -s signature ] || complain 'there is a signature'
}

refute_signing() {
  refute_signed_artifact "$@"
  refute_signature "$@"
}

refute_opening() {
  local uri=$1
  shift
  run --separate-stderr openssl_with_provider pkey -in "$uri" -pubout
  assert_failure_says "$@"
  refute_signing "$uri" "$@"
}

# Whose public half is known by a pin is opened without the server, which then fails when it is to sign.
assert_fault() {
  local worker=$1 pin
  shift
  pin=$BATS_FILE_TMPDIR/standin/$worker.pem
  [ -e "$pin" ] || pin=$BATS_FILE_TMPDIR/standin/ca.pem
  refute_opening "signserver:$worker" "worker $worker" "$@"
  refute_signing "signserver:$worker?cert=$pin" "worker $worker" "$@"
}
