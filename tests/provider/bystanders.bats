#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that have nothing to do with SignServer, on a machine where the provider is activated for all.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin

setup_file() {
  local port
  standin_start --worker W,key=p-256
  mkdir "$BATS_FILE_TMPDIR/files"
  cd "$BATS_FILE_TMPDIR/files" || return
  printf 'hello\n' >hello
  git init -q --bare repository.git
  git -C repository.git update-server-info
  cp "$STANDIN/ca.pem" "$BATS_FILE_TMPDIR/ca.pem"
  read -r port < <(exec "$TESTS/helpers/https-files" "$STANDIN/server.pem" "$STANDIN/server.key" 2>../files.log 3>&- 4>&-)
  echo $! >../server
  FILES=https://localhost:$port
  export FILES CA=$BATS_FILE_TMPDIR/ca.pem
}

teardown_file() {
  kill "$(cat "$BATS_FILE_TMPDIR/server")"
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

# ---- Nothing is read or connected ----

# leaves_alone PROGRAM...: it works and opens nothing that only we were told of. All of our settings lie in $STANDIN
# or in /nonexistent.
leaves_alone() {
  run strace -f -qq -o trace -e trace=%file,connect "$@"
  assert_success
  [ -s trace ] || complain 'no trace'
  ! grep -E "$STANDIN|/nonexistent|htons\\($(cat "$STANDIN/port")\\)" trace || complain "$(cat trace)"
  assert_equal "$(standin_requests)" 0
}

# with_settings COMMAND...: with files that exist, named by the environment, and with files that do not, named by both.
with_settings() {
  local variable module="module = $BUILD_DIR/provider/signserver.so"
  [ -z "${SANITIZE:-}" ] || skip 'programs of others do not bear a preloaded sanitizer under strace'
  # Python's cryptography wants OpenSSL's own modules too.
  unset OPENSSL_MODULES
  use_openssl_config first "$module" "client-key-passphrase-file = $STANDIN/client.key" "certificate-dir = $STANDIN"
  "$@"
  use_openssl_config last "$module" 'url = https://nowhere.invalid' 'ca-file = /nonexistent/ca.pem' \
    'client-cert = /nonexistent/client.pem' 'bearer-token-file = /nonexistent/token' 'certificate-dir = /nonexistent/workers'
  for variable in CA_CERT_PATH CLIENT_CERT_PATH CLIENT_CERT_KEY_PATH; do
    export SIGNSERVER_$variable=/nonexistent/file.pem
  done
  "$@"
}

assert_loaded() {
  grep -q '/signserver\.so.*= [0-9]' trace || complain 'the provider was not loaded'
}

# The provider was there, and spared the program its dependencies.
assert_loaded_without_libcurl() {
  assert_loaded
  ! grep libcurl trace || complain 'libcurl was loaded'
}

openssl_works() {
  leaves_alone openssl version
  leaves_alone openssl dgst -sha256 "$CA"
  leaves_alone openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
  leaves_alone openssl req -new -x509 -key key.pem -subj /CN=x -out certificate.pem
  assert_loaded_without_libcurl
}

@test "openssl reads and connects nothing that it was not asked for" {
  with_settings openssl_works
}

curl_reads_a_page() {
  leaves_alone curl -sS --cacert "$CA" "$FILES/hello"
  assert_output hello
  assert_loaded
}

@test "curl reads and connects nothing of ours" {
  with_settings curl_reads_a_page
}

wget_reads_a_page() {
  leaves_alone wget -q -O - --ca-certificate="$CA" "$FILES/hello"
  assert_output hello
}

@test "wget reads and connects nothing of ours" {
  with_settings wget_reads_a_page
}

git_clones() {
  rm -rf repository
  GIT_SSL_CAINFO=$CA leaves_alone git clone -q "$FILES/repository.git"
  assert_exists repository/.git
}

@test "git clone over https reads and connects nothing of ours" {
  with_settings git_clones
}

apt_downloads() {
  rm -f hello
  leaves_alone /usr/lib/apt/apt-helper -o Acquire::https::CAInfo="$CA" -o APT::Sandbox::User= download-file "$FILES/hello" hello
  assert_equal "$(cat hello)" hello
}

@test "apt over https reads and connects nothing of ours" {
  with_settings apt_downloads
}

# Python's ssl, and cryptography, which signs with a key of its own.
python_works() {
  leaves_alone /usr/bin/python3 -c '
import ssl, sys, urllib.request
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
signature = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
key.public_key().verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
context = ssl.create_default_context(cafile=sys.argv[1])
print(urllib.request.urlopen(sys.argv[2], context=context).read().decode(), end="")' "$CA" "$FILES/hello"
  assert_output hello
  assert_loaded_without_libcurl
}

@test "Python's ssl and cryptography read and connect nothing of ours" {
  with_settings python_works
}
