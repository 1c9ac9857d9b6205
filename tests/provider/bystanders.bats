#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that have nothing to do with SignServer, on a machine where the provider is activated for all.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin

setup_file() {
  standin_start --worker W,key=p-256
}

teardown_file() {
  standin_stop
}

# curl asks the server's health over TLS 1.2 and 1.3 with P-256.
curl_works() {
  local version
  # curl(1) under a preloaded sanitizer may wait for ever for setlocale(3)'s lock, without us as well.
  [ -z "${SANITIZE:-}" ] || skip 'curl does not bear a preloaded sanitizer'
  use_openssl_config "$1"
  for version in 1.2 1.3; do
    run curl -sS "--tlsv$version" --tls-max $version --curves P-256 --cacert "$STANDIN/ca.pem" \
      "$(cat "$STANDIN/url")/signserver/healthcheck/signserverhealth"
    assert_success
    assert_output ALLOK
  done
  assert_equal "$(standin_requests)" 0
}

@test "curl, signserver listed first" {
  curl_works first
}

@test "curl, signserver listed last" {
  curl_works last
}

@test "curl, signserver preferred by a property query" {
  curl_works preferred
}

@test "a configuration that names files that do not exist disturbs no one" {
  use_openssl_config last 'ca-file = /nonexistent/ca.pem' 'client-cert = /nonexistent/client.pem'
  run openssl version
  assert_success
  printf 'text' >file
  run openssl dgst -sha256 file
  assert_success
}
