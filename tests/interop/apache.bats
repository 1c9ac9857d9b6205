#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Apache httpd with keys on workers. It reads its configuration twice when it starts and again at each restart, and
# unloads its modules in between.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl
load ../helpers/webserver

export WEB_SERVER=apache2

# apache_conf TEXT: answers TEXT at a port for each kind of key, from PORT upwards.
apache_conf() {
  local worker port=$PORT
  printf '%s\n' "ServerName localhost" "ServerRoot $PWD" "DefaultRuntimeDir $PWD" "PidFile $PWD/apache2.pid" \
    "ErrorLog $PWD/error.log" "ErrorDocument 404 $1" "SSLSessionCache none" "SSLProtocol -all +TLSv1.2 +TLSv1.3"
  for worker in $WEB_WORKERS; do
    printf '%s\n' "Listen 127.0.0.1:$port" "<VirtualHost 127.0.0.1:$port>" "SSLEngine on" \
      "SSLCertificateFile $STANDIN/$worker.pem" "SSLCertificateKeyFile $WEB_KEYS/$worker.key" "</VirtualHost>"
    port=$((port + 1))
  done
}

apache() {
  local module modules=()
  for module in mpm_event authz_core socache_shmcb ssl; do
    modules+=(-C "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so")
  done
  foreign apache2 -d "$PWD" -f "$PWD/apache.conf" "${modules[@]}" "$@"
}

# It has its ports when the command returns; another try where one of them is taken.
start() {
  local tries=20
  until PORT=$((20000 + RANDOM % 10000)) && apache_conf first >apache.conf && apache -k start 2>errors; do
    [ $((tries -= 1)) -gt 0 ] && grep -q 'Address already in use' errors || complain "$(cat errors error.log)" || return
  done
}

# get WORKER VERSION: the answer at the port of that worker.
get() {
  local worker port=$PORT
  for worker in $WEB_WORKERS; do
    [ "$worker" != "$1" ] || break
    port=$((port + 1))
  done
  web_get "$1" "$2" "https://127.0.0.1:$port/"
}

@test "Apache httpd serves TLS 1.2 and 1.3 with a key on a worker, and each handshake is one request" {
  start
  for worker in $WEB_WORKERS; do
    before=$(standin_requests "$worker")
    for version in 1.2 1.3; do
      get "$worker" $version
      assert_equal "$output" first
    done
    assert_equal $(($(standin_requests "$worker") - before)) 2
  done
}

@test "Apache httpd restarts gracefully, with the old keys and with new ones" {
  start
  for text in second third; do
    apache_conf $text >apache.conf
    apache -k graceful
    web_await $text EC "https://127.0.0.1:$PORT/"
    web_await $text PSS "https://127.0.0.1:$((PORT + 1))/"
  done
}

@test "Apache httpd does not start with a damaged reference, and says what is wrong with it" {
  mkdir keys
  for worker in $WEB_WORKERS; do
    sed '2s/./!/' "$WEB_KEYS/$worker.key" >"keys/$worker.key"
  done
  WEB_KEYS=$PWD/keys
  run start
  assert_failure
  assert_contains "$PWD/keys/"
  assert_contains "malformed key reference"
}
