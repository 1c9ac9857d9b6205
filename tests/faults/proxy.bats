#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Between us and the server: the proxies of curl's environment, which are told nothing but the server's name, and HTTP/2.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

setup_file() {
  standin_start --worker W,key=p-256 --worker Locked,key=p-256,AUTHTYPE=UsernamePasswordAuthorizer,user=build:opensesame
  make_unsigned_artifact
  name_host
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last 'retries = 0'
  printf 'a message' >message
}

teardown() {
  [ -z "${PROXY_PID:-}" ] || kill "$PROXY_PID"
  [ ! -s nginx.pid ] || kill "$(<nginx.pid)"
  standin_stop_leftovers
}

# start_proxy [ANSWER]: one that keeps what it is asked in asked.log; sets PROXY to its host and port.
start_proxy() {
  local port
  exec 8< <(echo "$BASHPID" && exec "$TESTS/helpers/connect-proxy" asked.log "$@" 2>proxy.log 3>&- 4>&-)
  read -r -u 8 PROXY_PID
  read -r -u 8 port
  PROXY=127.0.0.1:$port
}

# sign_and_verify WORKER [COUNT]: so many signatures in one process, each verified.
sign_and_verify() {
  local i files=()
  for ((i = 0; i < ${2:-1}; i++)); do
    mender-artifact write module-image -T t -c c -n "n$i" -o "$i.mender"
    files+=("$i.mender")
  done
  mender-artifact sign --key "signserver:$1?cert=$STANDIN/$1.pem" "${files[@]}"
  for i in "${files[@]}"; do
    mender-artifact validate "$i" -k "$STANDIN/$1.pem"
  done
}

# ---- Proxies ----

@test "a signature comes through the proxy of https_proxy, over one tunnel" {
  use_openssl_config last
  start_proxy
  https_proxy=http://$PROXY sign_and_verify W 3
  assert_equal "$(grep CONNECT asked.log)" "CONNECT $HOST HTTP/1.1"$'\r'
}

@test "all_proxy serves as well, and no_proxy keeps a server out of it" {
  start_proxy
  all_proxy=$PROXY sign_and_verify W
  grep -q CONNECT asked.log
  rm asked.log
  https_proxy=$PROXY no_proxy=other.example,localhost sign_and_verify W
  refute_exists asked.log
}

@test "a proxy is shown no credentials of the server's" {
  start_proxy
  printf opensesame >password
  printf sesame-token >token
  use_openssl_config last 'username = build' "password-file = $PWD/password"
  export https_proxy=http://$PROXY
  sign_and_verify Locked
  use_openssl_config last "bearer-token-file = $PWD/token"
  openssl pkey -in signserver:W -pubout -out pub.pem
  assert_equal "$(grep -c CONNECT asked.log)" 2
  run ! grep -i -e opensesame -e "$(printf build:opensesame | base64)" -e token -e '^authorization' asked.log
}

@test "the proxy's own credentials are sent to it, and not said" {
  start_proxy 407
  export https_proxy=http://clerk:opensesame@$PROXY SIGNSERVER_TRACE=$PWD/trace
  assert_fault W 'no connection to the server' "proxy $PROXY (https_proxy)" 'HTTP 407' "CONNECT $HOST" 'USER:PASSWORD'
  grep -qi "^proxy-authorization: Basic $(printf clerk:opensesame | base64)" asked.log
  run ! grep opensesame trace
  grep -q "proxy $PROXY" trace
}

@test "a proxy that will not: it is named, with its variable and its answer" {
  start_proxy 403
  HTTPS_PROXY=http://$PROXY assert_fault W 'no connection to the server' "proxy $PROXY (HTTPS_PROXY)" 'HTTP 403' no_proxy
}

@test "a proxy that hangs up: it is named" {
  start_proxy 0
  https_proxy=http://$PROXY assert_fault W 'no connection to the server' "proxy $PROXY (https_proxy)" "CONNECT $HOST"
}

@test "a proxy that is not there: it is named, with its variable, and not the server blamed" {
  https_proxy=http://localhost:1 assert_fault W 'no connection to the server' 'port 1 ' 'proxy localhost:1 (https_proxy)'
  ALL_PROXY=localhost:1 assert_fault W 'no connection to the server' 'proxy localhost:1 (ALL_PROXY)'
}

@test "a server that is not there is not blamed on a proxy that it is kept out of" {
  export SIGNSERVER_HOSTNAME=localhost:1
  https_proxy=http://127.0.0.1:2 no_proxy=localhost assert_fault W 'at localhost:1: ' 'check the setting url (SIGNSERVER_HOSTNAME)'
}

@test "a proxy whose name is unknown: the variables are named" {
  https_proxy=http://$(printf 'no-such-host%.0s' 1 2 3 4 5 6).invalid:1 \
    assert_fault W 'no connection to the server' 'resolve proxy' https_proxy
}

# ---- HTTP/2 ----

# A server that speaks HTTP/2 at the socket h2, before the stand-in.
start_nginx() {
  cat >nginx.conf <<CONF
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { }
http {
  log_format protocol '\$server_protocol \$connection \$status';
  access_log protocol.log protocol;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  server {
    listen unix:$PWD/h2 ssl http2;
    ssl_certificate $STANDIN/server.pem;
    ssl_certificate_key $STANDIN/server.key;
    location / {
      proxy_pass $SIGNSERVER_HOSTNAME;
      proxy_ssl_certificate $SIGNSERVER_CLIENT_CERT_PATH;
      proxy_ssl_certificate_key $SIGNSERVER_CLIENT_CERT_KEY_PATH;
    }
  }
}
CONF
  OPENSSL_CONF=/dev/null command nginx -q -p "$PWD" -c nginx.conf -e error.log
}

@test "a server that offers HTTP/2 is spoken to in it, over one connection" {
  use_openssl_config last
  export PATH=$PATH:/usr/sbin
  start_nginx
  start_proxy "$PWD/h2"
  https_proxy=http://$PROXY sign_and_verify W 3
  # An entry is written after its answer.
  until [ "$(wc -l <protocol.log)" -eq 3 ]; do :; done
  assert_equal "$(sort -u protocol.log | wc -l)" 1
  grep -q '^HTTP/2.0 [0-9]* 200$' protocol.log
}
