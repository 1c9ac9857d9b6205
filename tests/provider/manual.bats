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

@test "the manual lists the environment variables of the code, under ENVIRONMENT" {
  sed -nE 's/^    \{"[a-z-]*", "([A-Z_]*)", .*MEMBER\(.*/\1/p' "$SOURCE/settings.c" | sort >code
  sed -nE '/^\.Sh ENVIRONMENT/,/^\.Sh /s/^\.It Ev (SIGNSERVER_[A-Z_]*)$/\1/p' "$MANUAL" | sort >manual
  [ -s code ]
  diff code manual
}

@test "the manual lists the types of keys of the code" {
  grep -oE 'ROW\([A-Z0-9_#a-z]+, "[A-Z0-9-]+"' "$SOURCE/types.h" | sed -E 's/.*"(.*)"/\1/; s/-$//' | sort >code
  sed -n '/^Keys are of the types/,/\.$/p' "$MANUAL" | grep -oE '\b[A-Z0-9-]{2,}\b' | sort >manual
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

# fits_terminal PAGE: standard input is the page as it is shown.
fits_terminal() {
  sed 's/.\x08//g' >shown
  [ -s shown ] || complain "$1 is not shown" || return
  ! grep -nE '.{81}' shown || complain "$1 is wider than a terminal"
}

@test "the manuals fit a terminal of 80 columns" {
  local page
  for page in "$TESTS"/../docs/*.[157]; do
    mandoc -T utf8 -O width=80 "$page" | fits_terminal "$page"
    MANWIDTH=80 man --local-file "$page" 2>problems | fits_terminal "$page"
    [ ! -s problems ] || complain "$page: $(cat problems)"
  done
}
