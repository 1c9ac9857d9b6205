#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A server that lies or talks nonsense: one clear line with worker, host and its own words, exit status 1, nothing written.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

# Workers of which each plays one fault, by the name of the fault.
setup_file() {
  local fault arguments=()
  for fault in empty-body not-json wrong-type deep-json duplicate-key missing-data bad-base64 empty-signature missing-certificate \
    null-certificate garbage-certificate bad-signature other-signature other-certificate \
    after-1:bad-signature after-1:other-signature after-1:other-certificate after-1:other-key after-1:cut after-1:huge \
    'after-1:status:500:Oh dear' after-1:missing-data; do
    arguments+=(--worker "$(worker_of "$fault"),$EC,fault=$fault")
  done
  standin_start "${arguments[@]}" --worker "Good,$EC" --worker "Other,$EC"
  make_unsigned_artifact
  name_host
}

teardown_file() {
  standin_stop
}

# The worker of a fault: its words but for the text that it sends.
worker_of() {
  local words=${1%%:[A-Z]*}
  printf '%s' "${words//:/-}"
}

# ---- An answer that is not what the protocol says ----

@test "an empty answer: said so" {
  assert_fault empty-body "at $HOST: HTTP 200: an answer that is not SignServer's JSON" empty
}

@test "an answer that is not JSON: type and first words are shown" {
  assert_fault not-json "at $HOST: HTTP 200: an answer that is not SignServer's JSON" application/json 'this is no JSON'
}

@test "JSON that is nested without end: refused" {
  assert_fault deep-json "at $HOST: HTTP 200: an answer that is not SignServer's JSON"
}

@test "JSON that says a thing twice: refused" {
  assert_fault duplicate-key "at $HOST: HTTP 200: an answer that is not SignServer's JSON"
}

@test "a member of the wrong type: it is named" {
  assert_fault wrong-type "at $HOST: the member \"data\" of the answer is not a string"
}

@test "an answer without a signature: the member is named" {
  assert_fault missing-data "at $HOST: the answer has no member \"data\""
}

@test "a signature that is not base64: said so" {
  assert_fault bad-base64 "at $HOST: the member \"data\" of the answer is not base64"
}

@test "an empty signature: said so" {
  assert_fault empty-signature "at $HOST: the member \"data\" of the answer is empty"
}

@test "a certificate that is none: the member is named" {
  assert_fault garbage-certificate "at $HOST: the member \"signerCertificate\" of the answer is not "
}

@test "no certificate and no pin: pinning is suggested, and works" {
  for worker in missing-certificate null-certificate; do
    refute_opening "signserver:$worker" "worker $worker at $HOST " '?cert=FILE' certificate-dir
    mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key "signserver:$worker?cert=$STANDIN/$worker.pem"
    mender-artifact validate out.mender -k "$STANDIN/$worker.pem"
  done
}

# ---- A signature that lies ----

@test "a signature that does not verify is never used" {
  assert_fault bad-signature "at $HOST: its signature " 'does not verify'
}

@test "a signature of something else is never used" {
  assert_fault other-signature "at $HOST: its signature " 'does not verify'
}

@test "a certificate of another key is not believed, and not taken for the pinned one" {
  refute_opening signserver:other-certificate 'worker other-certificate' "at $HOST: its signature " 'does not verify'
  refute_signing "signserver:other-certificate?cert=$STANDIN/other-certificate.pem" \
    'answer from another key' "worker other-certificate at $HOST has signed with another key" 'pin the new certificate'
}

@test "a pin to another worker's key is an error" {
  refute_signing "signserver:Good?cert=$STANDIN/Other.pem" 'answer from another key' "worker Good at $HOST "
}

# ---- An honest probe, and then not ----

# refute_second_answer FAULT WORD...: the probe is signed; the signature after it fails.
refute_second_answer() {
  local worker=after-1-$1
  shift
  echo old >old.mender
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o old.mender --key "signserver:$worker"
  assert_one_clear_line "worker $worker" "$HOST" "$@"
  assert_equal "$(cat old.mender)" old
}

@test "a signature after the probe that does not verify is never used" {
  refute_second_answer bad-signature 'bad signature from the server' 'does not verify under its public key and was thrown away'
  refute_second_answer other-signature 'bad signature from the server' 'does not verify under its public key and was thrown away'
}

@test "another key than the one that signed the probe is an error" {
  refute_second_answer other-key 'answer from another key' 'has signed with another key'
  refute_second_answer other-certificate 'answer from another key' 'has signed with another key'
}

@test "a server that fails after the probe leaves nothing" {
  refute_second_answer cut 'bytes remaining'
  refute_second_answer huge 'the answer is over 1048576 bytes'
  refute_second_answer status-500 'HTTP 500: Oh dear'
  refute_second_answer missing-data 'no member "data"'
}
