#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nginx with keys on workers. It reads keys from files only, in its first process, and signs in others.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl
load ../helpers/webserver

export WEB_SERVER=nginx

# nginx_conf TEXT: answers TEXT at a socket for each kind of key.
nginx_conf() {
  local worker
  [ "$(id -u)" -ne 0 ] || echo 'user root;'
  cat <<CONF
worker_processes 2;
pid nginx.pid;
error_log error.log;
events { }
http {
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_tickets off;
CONF
  for worker in $WEB_WORKERS; do
    cat <<CONF
  server {
    listen unix:$PWD/$worker ssl;
    ssl_certificate $STANDIN/$worker.pem;
    ssl_certificate_key $WEB_KEYS/$worker.key;
    return 200 $1;
    add_header Process \$pid;
  }
CONF
  done
  echo '}'
}

nginx() {
  foreign nginx -p "$PWD" -c nginx.conf -e error.log "$@"
}

# Its first process has opened the sockets when the command returns.
start() {
  nginx_conf first >nginx.conf
  nginx -q
}

@test "nginx serves TLS 1.2 and 1.3 with a key on a worker, and each handshake is one request" {
  start
  for worker in $WEB_WORKERS; do
    before=$(standin_requests "$worker")
    for version in 1.2 1.3; do
      for _ in 1 2 3; do
        web_get "$worker" "$version" --unix-socket "$PWD/$worker" https://localhost/
        assert_equal "$output" first
      done
    done
    assert_equal $(($(standin_requests "$worker") - before)) 6
  done
}

@test "nginx takes a worker's URI where it takes a key of OSSL_STORE" {
  printf '%s\n' 1.29.0 "$(nginx -v 2>&1 | cut -d / -f 2 | cut -d ' ' -f 1)" | sort -V -C || skip 'nginx 1.29 is the first that does'
  nginx_conf first | sed "s,$WEB_KEYS/\(.*\)\.key,store:signserver:\1," >nginx.conf
  nginx -q
  for worker in $WEB_WORKERS; do
    web_get "$worker" 1.3 --unix-socket "$PWD/$worker" https://localhost/
    assert_equal "$output" first
  done
}

@test "every process of nginx signs" {
  start
  # nginx has its file before it has its processes.
  local end=$((SECONDS + 20))
  until mapfile -t processes < <(pgrep -P "$(<nginx.pid)") && [ ${#processes[@]} -eq 2 ]; do
    [ $SECONDS -lt $end ] || complain "${#processes[@]} processes"
  done
  # The one that is stopped does not answer.
  for i in 0 1; do
    kill -STOP "${processes[i]}"
    until [[ $(ps -o state= -p "${processes[i]}") == T ]]; do :; done
    for worker in $WEB_WORKERS; do
      web_get "$worker" 1.3 --include --unix-socket "$PWD/$worker" https://localhost/
      [[ $output == *"Process: ${processes[1 - i]}"* ]]
    done
    kill -CONT "${processes[i]}"
  done
}

@test "openssl s_client agrees with nginx on what the key is and does" {
  start
  for worker in $WEB_WORKERS; do
    for version in tls1_2 tls1_3; do
      OPENSSL_CONF=/dev/null openssl s_client -unix "$PWD/$worker" "-$version" -verify_return_error -partial_chain \
        -CAfile "$STANDIN/$worker.pem" -purpose any </dev/null >client.log 2>&1
      grep -q 'Verify return code: 0 (ok)' client.log
    done
  done
}

@test "nginx reloads, with the old keys and with new ones" {
  start
  nginx_conf second >nginx.conf
  kill -HUP "$(<nginx.pid)"
  web_await second EC --unix-socket "$PWD/EC" https://localhost/
  web_await second PSS --unix-socket "$PWD/PSS" https://localhost/
}

@test "nginx keeps its old keys when a reload brings a damaged reference, and says what is wrong with it" {
  start
  mkdir keys
  cp "$WEB_KEYS"/* keys
  sed -i '2s/./!/' keys/EC.key
  WEB_KEYS=$PWD/keys nginx_conf second >nginx.conf
  run nginx -e tested.log -t
  assert_failure
  assert_contains "malformed key reference"
  assert_contains "keys/EC.key"
  kill -HUP "$(<nginx.pid)"
  await_line 'malformed key reference' error.log
  for _ in 1 2 3; do
    web_get EC 1.3 --unix-socket "$PWD/EC" https://localhost/
    assert_equal "$output" first
  done
}

@test "nginx names the file that the user it serves as cannot read" {
  [ "$(id -u)" -eq 0 ] || skip 'only root serves as another user'
  cp "$SIGNSERVER_CLIENT_CERT_KEY_PATH" client.key
  chmod 600 client.key
  export SIGNSERVER_CLIENT_CERT_KEY_PATH=$PWD/client.key
  nginx_conf first | sed 's/^user .*/user nobody nogroup;/' >nginx.conf
  nginx -q
  run ! web_get EC 1.3 --unix-socket "$PWD/EC" https://localhost/
  await_line 'wrong setting:worker EC' error.log
  grep -q 'Permission denied' error.log
}

@test "nginx outlives a signing server that is away, and says so" {
  standin_start_in "$PWD/away" --worker AWAY,key=p-256
  openssl pkey -in signserver:AWAY -out AWAY.key
  WEB_WORKERS=AWAY WEB_KEYS=$PWD start
  web_get AWAY 1.3 --unix-socket "$PWD/AWAY" https://localhost/
  standin_stop
  run ! web_get AWAY 1.3 --unix-socket "$PWD/AWAY" https://localhost/
  await_line 'no connection to the server' error.log
  grep -q 'worker AWAY' error.log
}
