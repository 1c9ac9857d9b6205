#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manual knows every setting, variable and reason that the code knows, and no others.

load ../helpers/common

SOURCE=$TESTS/../provider
MANUAL=$TESTS/../docs/provider-signserver.7

@test "the manual lists the settings of the code" {
  sed -n 's/^    {"\([a-z-]*\)", .*MEMBER(.*/\1/p' "$SOURCE/settings.c" | sort >code
  sed -n '/^\.Sh SETTINGS/,/^\.Sh WORKERS/s/^\.It Cm \([a-z-]*\).*/\1/p' "$MANUAL" | sort >manual
  [ -s code ]
  diff code manual
}

@test "the manual lists the environment variables of the code" {
  grep -o 'SIGNSERVER_[A-Z_]*' "$SOURCE/settings.c" | sort -u >code
  grep -o 'SIGNSERVER_[A-Z_]*' "$MANUAL" | sort -u >manual
  [ -s code ]
  diff code manual
}

@test "the manual lists the reasons of the code" {
  sed -n 's/^    {SS_R_[A-Z_]*, (void \*)"\(.*\)"},/\1/p' "$SOURCE/error.c" | sort >code
  sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE ALSO/s/^\.It Li //p' "$MANUAL" | sort >manual
  [ -s code ]
  diff code manual
}

@test "the manuals are well-formed" {
  run mandoc -Tlint -Wwarning "$TESTS"/../docs/*.[157]
  assert_success
}
