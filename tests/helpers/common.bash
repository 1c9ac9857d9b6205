# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For every bats file: `load ../helpers/common`. The programs of the build come first in PATH, nothing of the caller's
# environment reaches them, and each test begins in an empty directory of its own.
#
#   run --separate-stderr mender-artifact ...   then assert_success, assert_failure 1, assert_contains TEXT, ...
#   openssl, foreign PROGRAM                    programs that are not ours and load our provider

bats_require_minimum_version 1.5.0

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A file is read again for each of its tests; what setup_file exported is to reach them.
if [ -z "${TESTS_ENVIRONMENT:-}" ]; then
  export TESTS_ENVIRONMENT=clean
  while read -r variable; do
    case $variable in
    SIGNSERVER_* | OPENSSL_* | SSL_CERT_* | MENDER_* | SOURCE_DATE_EPOCH) unset "$variable" ;;
    [Hh][Tt][Tt][Pp]_* | [Hh][Tt][Tt][Pp][Ss]_* | [Aa][Ll][Ll]_* | [Nn][Oo]_*) unset "$variable" ;;
    esac
  done < <(compgen -e)
  export BUILD_DIR=${BUILD_DIR:-$TESTS/../build/debug}
  export PATH=$BUILD_DIR/apps:$PATH
  export OPENSSL_MODULES=$BUILD_DIR/provider
  export HOME=$BATS_FILE_TMPDIR
  export LC_ALL=C.UTF-8 TZ=UTC
fi

setup() {
  cd "$BATS_TEST_TMPDIR" || return
}

# ---- Programs that are not ours ----

# A sanitizer's library has to be in a process before our module: in programs that were built without it, it is preloaded. Their
# own leaks are not our business.
foreign() {
  local library=
  case ${SANITIZE:-} in
  *address*) library=libasan.so ;;
  *thread*) library=libtsan.so ;;
  esac
  if [ -n "$library" ]; then
    env LD_PRELOAD="$(gcc -print-file-name=$library)" ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" "$@"
  else
    command "$@"
  fi
}

openssl() {
  foreign openssl "$@"
}

# ---- Assertions: each says what it saw ----

# bats leaves the standard error of an earlier --separate-stderr in its variable: there, what a later command should have said
# would be found although it did not say it.
if ! declare -F run_of_bats >/dev/null; then
  eval "run_of_bats$(declare -f run | sed '1s/^run//')"
  run() {
    unset -v stderr stderr_lines
    run_of_bats "$@"
  }
fi

complain() {
  printf '%s\n' "$@" >&2
  if [ -n "${status+x}" ]; then
    printf -- '-- exit status: %s\n-- output:\n%s\n' "$status" "$output" >&2
    [ -z "${stderr:-}" ] || printf -- '-- standard error:\n%s\n' "$stderr" >&2
  fi
  return 1
}

# After `run`: the exit status was 0.
assert_success() {
  [ "$status" -eq 0 ] || complain "the command failed"
}

# After `run`: the exit status was another than 0, or just STATUS.
assert_failure() {
  if [ $# -gt 0 ]; then
    [ "$status" -eq "$1" ] || complain "the exit status is not $1"
  else
    [ "$status" -ne 0 ] || complain "the command succeeded"
  fi
}

# After `run`: standard output, and with it standard error if that was not separated, is exactly TEXT.
assert_output() {
  [ "$output" = "$1" ] || complain "the output is not: $1"
}

# After `run`: TEXT is part of standard output or of standard error.
assert_contains() {
  [[ $output == *"$1"* || ${stderr:-} == *"$1"* ]] || complain "nowhere in the output: $1"
}

refute_contains() {
  [[ $output != *"$1"* && ${stderr:-} != *"$1"* ]] || complain "in the output: $1"
}

# After `run`: nothing on standard output.
refute_output() {
  [ -z "$output" ] || complain "there is output"
}

assert_equal() {
  [ "$1" = "$2" ] || complain "not equal:" "  $1" "  $2"
}

# The extended regular expression matches the whole of TEXT.
assert_matches() {
  [[ $1 =~ ^($2)$ ]] || complain "does not match $2:" "  $1"
}

assert_exists() {
  [ -e "$1" ] || complain "$1 does not exist"
}

refute_exists() {
  [ ! -e "$1" ] || complain "$1 exists"
}

# Two files have the same bytes.
assert_same_file() {
  cmp "$1" "$2" || complain "$1 and $2 differ"
}

# The directory has these entries and no others (hidden ones count).
assert_directory() {
  local directory=$1
  shift
  assert_equal "$(find "$directory" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | paste -sd ' ')" "$*"
}
