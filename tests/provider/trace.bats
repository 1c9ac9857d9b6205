#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The trace says what was asked and answered, and never a secret.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin

setup_file() {
  standin_start --worker W,key=p-256 --worker Busy,key=p-256,fault=first-1:status:503 \
    --worker Locked,key=p-256,AUTHTYPE=UsernamePasswordAuthorizer,user=build:opensesame
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  printf opensesame >password
  use_openssl_config last "certificate-dir = $STANDIN" 'username = build' "password-file = $PWD/password"
  export SIGNSERVER_TRACE=$PWD/trace
  printf 'a message' >message
}

sign() {
  openssl dgst -sha256 -sign "signserver:$1" -out signature message
}

@test "each request has a line with its outcome" {
  sign W
  assert_equal "$(wc -l <trace)" 1
  grep -q "attempt 1, POST $SIGNSERVER_HOSTNAME/signserver/rest/v1/workers/W/process (application/json, .*): status 200 (application/json" trace
  assert_equal "$(stat -c %a trace)" 600
}

@test "an attempt that failed is seen beside the one that did not" {
  sign Busy
  assert_equal "$(grep -o 'attempt [0-9]' trace | paste -sd ' ')" 'attempt 1 attempt 2'
  grep -q 'attempt 1, .*status 503' trace
}

@test "credentials are not in it" {
  sign Locked
  grep -q 'status 200' trace
  run ! grep -i -e opensesame -e "$(printf build:opensesame | base64)" -e authorization trace
}

@test "standard error serves as well, and a file that cannot be written disturbs nothing" {
  SIGNSERVER_TRACE=stderr run --separate-stderr openssl dgst -sha256 -sign signserver:W -out signature message
  assert_success
  assert_contains 'signserver: attempt 1, POST'
  SIGNSERVER_TRACE=$PWD/none/trace sign W
  ln -s elsewhere link
  SIGNSERVER_TRACE=$PWD/link sign W
  refute_exists elsewhere
}

@test "a process that opens no signserver: key makes no trace" {
  openssl dgst -sha256 message
  refute_exists trace
}
