# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Web servers of others with keys on workers, after common.bash, standin.bash and openssl.bash. The bats file says which:
# WEB_SERVER is the program, which writes the number of its first process to $WEB_SERVER.pid.

# A worker of each kind that a TLS server may have, and in $WEB_KEYS a reference to each one's key.
webserver_setup_file() {
  local worker
  export WEB_WORKERS="EC PSS ED" WEB_KEYS=$BATS_FILE_TMPDIR/keys
  standin_start --worker EC,key=p-256 --worker PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 --worker ED,key=ed25519
  use_openssl_config last
  mkdir "$WEB_KEYS"
  for worker in $WEB_WORKERS; do
    openssl pkey -in "signserver:$worker" -out "$WEB_KEYS/$worker.key"
  done
}

setup_file() {
  webserver_setup_file
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last 'retries = 0'
  export PATH=$PATH:/usr/sbin
  [ -n "$(type -P "$WEB_SERVER")" ] || skip "$WEB_SERVER is not installed"
}

teardown() {
  [ ! -s "$WEB_SERVER.pid" ] || kill "$(<"$WEB_SERVER.pid")"
  standin_stop_leftovers
}

# web_get WORKER VERSION CURL-ARGUMENT...: asks, with a TLS version, for a page of a server whose certificate is the
# worker's; sets output.
web_get() {
  output=$(OPENSSL_CONF=/dev/null curl -sS --max-time 60 --insecure --pinnedpubkey "sha256//$(web_pin "$1")" "--tlsv$2" --tls-max "$2" \
    "${@:3}")
}

# The public key as curl wants it.
web_pin() {
  plain_openssl x509 -in "$STANDIN/$1.pem" -noout -pubkey | plain_openssl pkey -pubin -outform DER |
    plain_openssl dgst -sha256 -binary | base64
}

# web_await TEXT WORKER CURL-ARGUMENT...: until the server answers TEXT, which it soon will.
web_await() {
  local end=$((SECONDS + 20))
  until web_get "$2" 1.3 "${@:3}" && [ "$output" = "$1" ]; do
    [ $SECONDS -lt $end ] || complain "no answer is $1" || return
  done
}

# await_line TEXT FILE: until the log has it, which it soon will.
await_line() {
  local end=$((SECONDS + 20))
  until grep -q "$1" "$2"; do
    [ $SECONDS -lt $end ] || complain "not in $2: $1" || return
  done
}
