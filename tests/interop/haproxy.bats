#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# HAProxy with keys on workers: certificate and reference in one file, and threads that sign at the same time.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl
load ../helpers/webserver

export WEB_SERVER=haproxy

setup_file() {
  local worker
  webserver_setup_file
  for worker in $WEB_WORKERS; do
    cat "$STANDIN/$worker.pem" "$WEB_KEYS/$worker.key" >"$WEB_KEYS/$worker.both"
  done
}

# haproxy_cfg TEXT: answers TEXT at a socket for each kind of key.
haproxy_cfg() {
  local worker
  printf '%s\n' global '  nbthread 4' '  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets' \
    '  tune.ssl.cachesize 0' defaults '  mode http' '  timeout connect 10s' '  timeout client 10s' '  timeout server 10s'
  for worker in $WEB_WORKERS; do
    printf '%s\n' "frontend $worker" "  bind unix@$PWD/$worker ssl crt $WEB_KEYS/$worker.both" \
      "  http-request return status 200 content-type text/plain string $1"
  done
}

haproxy() {
  foreign haproxy -f haproxy.cfg "$@"
}

# The sockets are there when the command returns.
start() {
  haproxy_cfg "$1" >haproxy.cfg
  haproxy -D -p haproxy.pid "${@:2}" 2>errors || complain "$(<errors)"
}

@test "HAProxy serves TLS 1.2 and 1.3 with a key on a worker" {
  start first
  for worker in $WEB_WORKERS; do
    for version in 1.2 1.3; do
      web_get "$worker" "$version" --unix-socket "$PWD/$worker" https://localhost/
      assert_equal "$output" first
    done
  done
}

@test "threads of HAProxy sign at the same time, each handshake with one request" {
  start first
  before=$(standin_requests)
  clients=()
  for _ in {1..8}; do
    for worker in $WEB_WORKERS; do
      (web_get "$worker" 1.3 --unix-socket "$PWD/$worker" https://localhost/ && [ "$output" = first ]) &
      clients+=($!)
    done
  done
  for client in "${clients[@]}"; do
    wait "$client"
  done
  assert_equal $(($(standin_requests) - before)) 24
}

@test "HAProxy hands over to a new process" {
  start first
  old=$(<haproxy.pid)
  start second -sf "$old"
  for worker in $WEB_WORKERS; do
    web_await second "$worker" --unix-socket "$PWD/$worker" https://localhost/
  done
}

@test "HAProxy does not start with a damaged reference" {
  mkdir keys
  for worker in $WEB_WORKERS; do
    cat "$STANDIN/$worker.pem" <(sed '2s/./!/' "$WEB_KEYS/$worker.key") >"keys/$worker.both"
  done
  WEB_KEYS=$PWD/keys haproxy_cfg first >haproxy.cfg
  run haproxy -c
  assert_failure
  assert_contains "keys/EC.both"
}
