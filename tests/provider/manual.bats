#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manual knows every setting, variable and reason that the code knows, and no others.

load ../helpers/common

SOURCE=$TESTS/../provider
MANUAL=$TESTS/../docs/provider-signserver.7

@test "the manual lists the settings of the code, each with its variable" {
  sed -nE 's/^    \{"([a-z-]*)", (NULL|"([A-Z_]*)"), .*MEMBER\(.*/\1 \3/p' "$SOURCE/settings.c" | sort >code
  sed -nE '/^\.Sh SETTINGS/,/^\.Sh WORKERS/s/^\.It Cm ([a-z-]*)( Pq Ev ([A-Z_]*))?$/\1 \3/p' "$MANUAL" | sort >manual
  [ -s code ]
  diff code manual
}

@test "the manual lists the environment variables of the code" {
  grep -o 'SIGNSERVER_[A-Z_]*' "$SOURCE/settings.c" | sort -u >code
  grep -o 'SIGNSERVER_[A-Z_]*' "$MANUAL" | sort -u >manual
  [ -s code ]
  diff code manual
}

# The rows of the code's table are in the order of the numbers.
@test "the manual lists the reasons of the code, each with its number" {
  diff <(sed -n '/^enum ss_reason/,/^}/s/^    \(SS_R_[A-Z_]*\),.*/\1/p' "$SOURCE/error.h") \
    <(sed -n 's/^    {\(SS_R_[A-Z_]*\), .*/\1/p' "$SOURCE/error.c")
  sed -n 's/^    {SS_R_[A-Z_]*, (void \*)"\(.*\)"},/\1/p' "$SOURCE/error.c" | awk '{ print $0 " Pq " NR }' >code
  sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE ALSO/s/^\.It Li //p' "$MANUAL" >manual
  [ -s code ]
  diff code manual
}

@test "the manual says what happens in each fault that the stand-in can play" {
  sed -n 's/^    {\.name = "\([a-z0-9-]*\)".*/\1/p' "$TESTS/../apps/signserver-standin/faults.c" | sort -u >code
  sed -n '/^\.Ss What happens/,/^\.El/s/^\.It \([a-z0-9-]*\)\(:[0-9]*\)\{0,1\} Ta .*/\1/p' "$MANUAL" | sort -u >manual
  [ -s code ]
  diff code manual
}

@test "the manuals are well-formed" {
  run mandoc -Tlint -Wwarning "$TESTS"/../docs/*.[157]
  assert_success
}
