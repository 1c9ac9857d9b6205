#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A server that lies, dies or talks nonsense: one clear line with worker, host and its own words, exit status 1, nothing written.

load ../helpers/common
load ../helpers/standin
load ../helpers/faults

# Workers of which each plays one fault, by the name of the fault.
setup_file() {
  local ec=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA fault
  local arguments=(--worker "Hashing,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA,CLIENTSIDEHASHING=true,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-512"
    --worker "Off,$ec,DISABLED=TRUE" --worker "Broken,$ec,ACCEPTED_HASH_DIGEST_ALGORITHMS=")
  for fault in status:400 status:403 status:404 status:500 status:503 html:502 html:404 redirect reset cut huge not-json wrong-type \
    missing-data missing-certificate bad-base64 empty-signature bad-signature other-signature other-certificate \
    garbage-certificate deep-json duplicate-key; do
    arguments+=(--worker "${fault//:/-},$ec,fault=$fault")
  done
  standin_start "${arguments[@]}"
  make_unsigned_artifact
  HOST=${SIGNSERVER_HOSTNAME#https://}
  export HOST=${HOST%%/*}
}

teardown_file() {
  standin_stop
}

@test "HTTP 400 with a reason: the reason is passed on" {
  assert_fault status-400 "$HOST" 'HTTP 400'
}

@test "HTTP 403: passed on" {
  assert_fault status-403 "$HOST" 'HTTP 403'
}

@test "HTTP 404: passed on" {
  assert_fault status-404 "$HOST" 'HTTP 404'
}

@test "HTTP 500: passed on" {
  assert_fault status-500 "$HOST" 'HTTP 500'
}

@test "HTTP 503 that lasts: passed on after the retries" {
  assert_fault status-503 "$HOST" 'HTTP 503'
}

@test "a proxy's page instead of an answer: status and type are said" {
  assert_fault html-502 "$HOST" 'HTTP 502' 'text/html'
}

@test "another server's page: status and type are said" {
  assert_fault html-404 "$HOST" 'HTTP 404' 'text/html'
}

@test "a redirect is not followed" {
  assert_fault redirect "$HOST" 'redirect'
}

@test "a connection that is reset: host is named" {
  assert_fault reset "$HOST"
}

@test "an answer that is cut off: host is named" {
  assert_fault cut "$HOST"
}

@test "an answer without end is not read to its end" {
  assert_fault huge "$HOST" 'bytes'
}

@test "an answer that is not JSON: said so" {
  assert_fault not-json "$HOST" 'JSON'
}

@test "an answer with a member of the wrong type: the member is named" {
  assert_fault wrong-type "$HOST"
}

@test "an answer without a signature: the member is named" {
  assert_fault missing-data "$HOST" 'data'
}

@test "an answer without a certificate and no pin: pinning is suggested" {
  assert_fault missing-certificate "$HOST" 'certificate'
}

@test "a signature that is not base64: said so" {
  assert_fault bad-base64 "$HOST" 'base64'
}

@test "an empty signature: said so" {
  assert_fault empty-signature "$HOST"
}

@test "a signature that does not verify is never used" {
  assert_fault bad-signature "$HOST" 'verify'
}

@test "a signature of something else is never used" {
  assert_fault other-signature "$HOST" 'verify'
}

@test "a certificate of another key is never believed" {
  assert_fault other-certificate "$HOST"
}

@test "a certificate that is none: the member is named" {
  assert_fault garbage-certificate "$HOST" 'signerCertificate'
}

@test "JSON that is nested without end: refused" {
  assert_fault deep-json "$HOST"
}

@test "JSON that says a thing twice: refused" {
  assert_fault duplicate-key "$HOST"
}

@test "a disabled worker: the server's words and the property are named" {
  assert_fault Off "$HOST" 'is disabled' 'DISABLED'
}

@test "a misconfigured worker: the server's words are passed on" {
  assert_fault Broken "$HOST" 'misconfigured'
}

@test "a digest that the worker does not take: the property is named" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:Hashing
  assert_one_clear_line 'worker Hashing' "$HOST" ACCEPTED_HASH_DIGEST_ALGORITHMS
  refute_exists out.mender
}

@test "with a pin, a certificate of another key in the answer is an error" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender \
    --key "signserver:other-certificate?cert=$STANDIN/other-certificate.pem"
  assert_one_clear_line 'worker other-certificate' "$HOST"
  refute_exists out.mender
}

@test "with a pin, a signature that does not verify is an error" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender \
    --key "signserver:bad-signature?cert=$STANDIN/bad-signature.pem"
  assert_one_clear_line 'worker bad-signature' "$HOST" 'verify'
  refute_exists out.mender
}

@test "a pin to another key is an error" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender \
    --key "signserver:Hashing?cert=$STANDIN/Off.pem"
  assert_failure 1
  refute_exists out.mender
}
