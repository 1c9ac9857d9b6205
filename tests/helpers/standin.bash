# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# signserver-standin for a bats file, after common.bash:
#
#   setup_file()    { standin_start --worker W,key=p-256; }
#   teardown_file() { standin_stop; }
#
# The SIGNSERVER_* variables then lead to it, and STANDIN is its directory: $STANDIN/W.pem is the worker's certificate.

# Starts a server with these options in $BATS_FILE_TMPDIR/standin.
standin_start() {
  standin_start_in "$BATS_FILE_TMPDIR/standin" "$@"
}

# Starts one in a directory of its own, for a file or a test that needs several.
standin_start_in() {
  local directory=$1
  shift
  signserver-standin --background --directory "$directory" "$@" >/dev/null 2>"$BATS_FILE_TMPDIR/standin.errors" ||
    complain "signserver-standin does not start: $(cat "$BATS_FILE_TMPDIR/standin.errors")" || return
  standin_use "$directory"
}

# The variables lead to the server of this directory from now on.
standin_use() {
  # shellcheck source=/dev/null
  source "$1/env"
  export STANDIN=$1
}

# Stops the server of DIRECTORY, or the one in use; fails when a sanitizer complained about it.
standin_stop() {
  local directory=${1:-$STANDIN}
  signserver-standin --stop --directory "$directory" || return
  ! grep -E 'Sanitizer|runtime error' "$directory/log" || complain "$(cat "$directory/log")"
}

# A test that failed half-way leaves no server behind. A file with a teardown of its own calls this in it.
standin_stop_leftovers() {
  local pid
  for pid in "$BATS_TEST_TMPDIR"/*/pid; do
    [ ! -e "$pid" ] || signserver-standin --stop --directory "$(dirname "$pid")" 2>/dev/null || true
  done
}

teardown() {
  standin_stop_leftovers
}

# How many requests the worker got; without a name: how many there were.
standin_requests() {
  jq -s --arg worker "${1:-}" 'map(select($worker == "" or .worker == $worker)) | length' "$STANDIN/requests.jsonl"
}

# Over how many connections they came.
standin_connections() {
  jq -s --arg worker "${1:-}" 'map(select($worker == "" or .worker == $worker).connection) | unique | length' \
    "$STANDIN/requests.jsonl"
}

# The worker's last request, as one line of JSON: connection, metaData, length, data (base64), status, client, ...
standin_last_request() {
  jq -c -s --arg worker "$1" 'map(select(.worker == $worker)) | last' "$STANDIN/requests.jsonl"
}

# Variables for a client without a client certificate.
standin_without_client_certificate() {
  unset SIGNSERVER_CLIENT_CERT_PATH SIGNSERVER_CLIENT_CERT_KEY_PATH
}

# Variables for a client with the certificate of another CA.
standin_with_stranger() {
  export SIGNSERVER_CLIENT_CERT_PATH=$STANDIN/stranger.pem SIGNSERVER_CLIENT_CERT_KEY_PATH=$STANDIN/stranger.key
}

# No server is configured at all.
standin_without_server() {
  standin_without_client_certificate
  unset SIGNSERVER_HOSTNAME SIGNSERVER_CA_CERT_PATH
}
