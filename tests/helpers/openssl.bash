# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Configurations of OpenSSL with the provider of this build, after common.bash.

# What openssl does where nobody has heard of us.
plain_openssl() {
  OPENSSL_CONF=/dev/null command openssl "$@"
}

# openssl_config ORDER [LINE...]: a configuration on stdout. ORDER is first or last, where signserver stands in the list
# of providers; preferred, which is first and by property query; or absent. The lines go to its section.
openssl_config() {
  local order=$1
  shift
  printf 'openssl_conf = init\n[init]\nproviders = providers\nalg_section = algorithms\n[providers]\n'
  [[ $order != first && $order != preferred ]] || printf 'signserver = signserver_section\n'
  printf 'default = default_section\n'
  [[ $order != last ]] || printf 'signserver = signserver_section\n'
  printf '[default_section]\nactivate = 1\n[signserver_section]\nactivate = 1\n'
  printf '%s\n' "$@"
  printf '[algorithms]\n'
  [[ $order != preferred ]] || printf 'default_properties = ?provider=signserver\n'
}

# use_openssl_config ORDER [LINE...]: writes one for a test, or in setup_file for all of the file's, and what follows uses
# it.
use_openssl_config() {
  export OPENSSL_CONF=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/openssl.cnf
  openssl_config "$@" >"$OPENSSL_CONF"
}

# tls_server ARGUMENT...: openssl s_server with them in the background; sets SERVER and PORT. tls_server_stop ends it.
tls_server() {
  local line=
  # The shell becomes the server, so that the number it prints is the server's.
  # shellcheck disable=SC2016
  exec 8< <(foreign sh -c 'echo $$ && exec openssl "$@" 2>&1' sh s_server -accept 127.0.0.1:0 -www "$@" 3>&- 4>&-)
  read -r -u 8 SERVER
  while read -r -u 8 line && [[ $line != ACCEPT* ]]; do
    printf '%s\n' "$line" >>server.log
  done
  PORT=${line##*:}
}

tls_server_stop() {
  kill "$SERVER"
  cat <&8 >>server.log
  exec 8<&-
}

# tls_client ARGUMENT...: a handshake with that server; what the client says is left in client.log.
tls_client() {
  openssl s_client -connect "127.0.0.1:$PORT" -verify_return_error "$@" </dev/null >client.log 2>&1
}
