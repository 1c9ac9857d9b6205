#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The provider active, wherever it stands among the others and whatever its settings are: what does not use it does not
# notice. local-keys.bats has the commands.

load ../helpers/common
load ../helpers/openssl

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/plain"
  cd "$BATS_FILE_TMPDIR/plain" || return
  export OPENSSL_CONF=/dev/null
  "$TESTS/helpers/local-keys" generate >generate.out
  "$TESTS/helpers/local-keys" certify >certify.out
}

# handshake KEY VERSION GROUP: a server and a client with the provider, and a certificate of the plain run.
handshake() {
  local plain=$BATS_FILE_TMPDIR/plain
  tls_server -key "$plain/$1.pem" -cert "$plain/$1.crt" -groups "$3" "-$2"
  tls_client -groups "$3" "-$2" -CAfile "$plain/$1.crt"
  tls_server_stop
  grep -qE '(Server|Peer) Temp Key: ECDH' client.log
}

handshakes() {
  local key version
  use_openssl_config "$1"
  for key in rsa ec pss; do
    for version in tls1_2 tls1_3; do
      handshake "$key" "$version" P-256
    done
  done
  handshake rsa tls1_3 P-521
  [ ! -e "$BATS_FILE_TMPDIR/plain/mldsa.crt" ] || handshake mldsa tls1_3 P-256
}

@test "TLS with ECDHE, signserver listed last" {
  handshakes last
}

@test "TLS with ECDHE, signserver listed first" {
  handshakes first
}

@test "TLS with ECDHE, signserver preferred by a property query" {
  handshakes preferred
}

@test "the system-wide example can be included by the system's openssl.cnf" {
  cp "$(plain_openssl version -d | cut -d '"' -f 2)/openssl.cnf" openssl.cnf
  printf '\n.include %s\n' "$TESTS/../cnf/openssl-system.cnf" >>openssl.cnf
  OPENSSL_CONF=$PWD/openssl.cnf openssl list -providers >providers
  grep -A 3 signserver providers | grep 'status: active'
  grep -A 3 default providers | grep 'status: active'
}

@test "the example for one user loads the provider" {
  OPENSSL_CONF=$TESTS/../cnf/openssl-user.cnf openssl list -providers >providers
  grep -A 3 signserver providers | grep 'status: active'
}

@test "a wrong setting does not touch other work, shows as inactive, and is told when a key is opened" {
  use_openssl_config last 'timeout = soon'
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
  openssl list -providers >providers
  grep -A 3 signserver providers | grep 'status: inactive'
  run openssl pkey -in signserver:W -noout
  assert_failure
  assert_contains timeout
  assert_contains soon
}

# OpenSSL puts its own words before an error of opening: of a scheme that nobody has registered, as if the provider were missing.
@test "a wrong setting, and a wrong URI, are one error each for every command" {
  for case in 'timeout = soon|signserver:W|timeout = "soon"' '|signserver:W?pin=x|signserver:W?pin=x: the attribute is unknown'; do
    IFS='|' read -r setting uri words <<<"$case"
    use_openssl_config last "$setting"
    for command in 'pkey -noout -in' 'x509 -noout -in' 'storeutl -noout' 'dgst -sha256 -out signature -sign'; do
      # shellcheck disable=SC2086
      run openssl $command "$uri" </dev/null
      assert_failure
      assert_contains "$words"
      assert_equal "$(grep -c ':error:' <<<"$output")" 1
    done
  done
}

@test "inner providers that cannot be loaded do not touch TLS, and are told when a key is opened" {
  use_openssl_config last 'inner-providers = none-such' 'url = https://none.invalid'
  plain=$BATS_FILE_TMPDIR/plain
  tls_server -key "$plain/ec.pem" -cert "$plain/ec.crt" -groups P-256
  tls_client -CAfile "$plain/ec.crt"
  tls_server_stop
  run openssl pkey -in signserver:W -noout
  assert_failure
  assert_contains none-such
}

@test "files that the settings name are not looked at before a key is opened" {
  use_openssl_config last 'ca-file = /none/such' 'client-cert = /none/such' 'certificate-dir = /none/such' \
    'url = https://none.invalid'
  openssl dgst -sha256 "$OPENSSL_CONF"
  openssl list -providers >providers
  grep -A 3 signserver providers | grep 'status: active'
}

@test "without a server set, opening a key says which setting is missing" {
  use_openssl_config last
  run openssl pkey -in signserver:W -noout
  assert_failure
  assert_contains SIGNSERVER_HOSTNAME
}

@test "the module exports its entry point only, and does not link libcurl" {
  module=$BUILD_DIR/provider/signserver.so
  assert_equal "$(nm -D --defined-only "$module" | awk '{ print $3 }' | grep -v '^_' | sort -u)" OSSL_provider_init
  run objdump -p "$module"
  refute_contains libcurl
}
