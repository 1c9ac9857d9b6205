#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A server that refuses, dies or is slow: one clear line with worker, host and its own words, exit status 1, nothing written.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

# Workers of which each plays one fault, by the name of the fault. For the first retries would only take time.
setup_file() {
  local fault arguments=()
  for fault in 'status:400:No luck today' 'status:403:Access is forbidden!' 'status:404:Lost it' status:409 'status:500:Oh dear' \
    'status:503:Back soon' html:200 html:403 html:404 html:500 html:502 redirect reset cut huge delay:60000 slow-body:60000 \
    first-1:reset first-2:status:503; do
    arguments+=(--worker "$(worker_of "$fault"),$EC,fault=$fault")
  done
  standin_start "${arguments[@]}"
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

without_retries() {
  use_openssl_config last 'retries = 0'
}

# ---- A refusal, in SignServer's own words or not ----

@test "HTTP 400 with a reason: the reason is passed on" {
  assert_fault status-400 "at $HOST: HTTP 400: No luck today"
}

@test "HTTP 403 with a reason: the reason is passed on" {
  assert_fault status-403 "at $HOST: HTTP 403: Access is forbidden! ("
}

@test "HTTP 404 that is not about the worker: reason and the setting for the path are named" {
  assert_fault status-404 "at $HOST: HTTP 404: Lost it (" SIGNSERVER_HOSTNAME
}

@test "HTTP 409 without a reason: said so" {
  assert_fault status-409 "at $HOST: HTTP 409: the server gives no reason"
}

@test "HTTP 500 with a reason: the reason is passed on" {
  assert_fault status-500 "at $HOST: HTTP 500: Oh dear"
}

@test "HTTP 503 that lasts: it is tried three times, and the reason is passed on" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:status-503
  assert_one_clear_line 'worker status-503' "at $HOST: HTTP 503: Back soon"
  assert_equal "$(standin_requests status-503)" 3
  without_retries
  assert_fault status-503 "at $HOST: HTTP 503: Back soon"
}

@test "a page with HTTP 200: type and first words are shown" {
  assert_fault html-200 "at $HOST: HTTP 200" text/html '<h1>200' SIGNSERVER_HOSTNAME
}

@test "a page with HTTP 403: status, type and first words are shown" {
  assert_fault html-403 "at $HOST: HTTP 403" text/html '<h1>403'
}

@test "a page with HTTP 404: the setting for host and path is named as well" {
  assert_fault html-404 "at $HOST: HTTP 404" text/html '<h1>404' SIGNSERVER_HOSTNAME
}

@test "a page with HTTP 500: status, type and first words are shown" {
  assert_fault html-500 "at $HOST: HTTP 500" text/html '<h1>500'
}

@test "a proxy's page with HTTP 502: status, type and first words are shown" {
  without_retries
  assert_fault html-502 "at $HOST: HTTP 502" text/html '502 Bad Gateway'
}

@test "a redirect is not followed, its target and the setting are named" {
  assert_fault redirect "at $HOST: HTTP 302" https://elsewhere.invalid/ 'not followed' SIGNSERVER_HOSTNAME
  assert_equal "$(standin_requests redirect)" 9
}

# ---- An answer that does not come as it should ----

@test "a connection that is reset: host and the server's part in it are named" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:reset
  assert_one_clear_line 'worker reset' "at $HOST: " 'reset by peer' 'after 3 attempts'
  without_retries
  assert_fault reset "at $HOST: " 'reset by peer'
}

@test "an answer that is cut off is no answer" {
  without_retries
  assert_fault cut "at $HOST: " 'bytes remaining'
}

@test "an answer without end is not read to its end" {
  assert_fault huge "at $HOST: the answer is over 1048576 bytes"
}

@test "an answer that is late: the setting for the time limit is named" {
  use_openssl_config last 'timeout = 1'
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:delay-60000
  assert_one_clear_line 'time limit passed' 'worker delay-60000' "at $HOST: " 'the setting timeout'
  refute_exists out.mender
  refute_signature "signserver:delay-60000?cert=$STANDIN/delay-60000.pem" 'time limit passed' "at $HOST: " 'the setting timeout'
}

@test "an answer that drips: the setting for the time limit is named" {
  use_openssl_config last 'timeout = 1'
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:slow-body-60000
  assert_one_clear_line 'time limit passed' 'worker slow-body-60000' "at $HOST: " 'the setting timeout'
  refute_exists out.mender
}

@test "one lost answer is made good, unless retries are ruled out" {
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key "signserver:first-1-reset?cert=$STANDIN/first-1-reset.pem"
  assert_equal "$(standin_requests first-1-reset)" 2
  mender-artifact validate out.mender -k "$STANDIN/first-1-reset.pem"
  without_retries
  refute_signed_artifact "signserver:first-2-status-503?cert=$STANDIN/first-2-status-503.pem" 'worker first-2-status-503' 'HTTP 503'
  assert_equal "$(standin_requests first-2-status-503)" 2
}
