#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the shells' completion files offer.

load ../helpers/common

FILES=$TESTS/../apps/mender-artifact/completion

# complete_bash WORD...: what bash offers for the last word.
complete_bash() {
  # shellcheck source=/dev/null
  source "$FILES/mender-artifact.bash"
  COMP_WORDS=(mender-artifact "$@")
  COMP_CWORD=$#
  _mender_artifact
  output="${COMPREPLY[*]}"
}

@test "bash completes commands" {
  complete_bash ''
  assert_output 'write read validate sign dump help'
  complete_bash v
  assert_output 'validate'
  complete_bash write m
  assert_output 'module-image'
}

@test "bash completes the options of the command that is typed" {
  complete_bash sign --no-
  assert_output '--no-check --no-progress'
  complete_bash write rootfs-image --legacy
  assert_output '--legacy-rootfs-image-checksum'
  complete_bash read --force
  assert_output ''
}

@test "bash leaves files to itself" {
  complete_bash sign --key rel
  assert_output ''
  complete_bash sign rel
  assert_output ''
  complete -p mender-artifact | grep -q -- '-o default'
}

@test "zsh takes the file for its own" {
  [ -n "$(type -P zsh)" ] || skip 'zsh is not installed'
  zsh -n "$FILES/_mender-artifact"
}

@test "fish takes the file for its own, and offers commands with what they do" {
  [ -n "$(type -P fish)" ] || skip 'fish is not installed'
  run fish -c "source $FILES/mender-artifact.fish; complete -C 'mender-artifact v'"
  assert_contains $'validate\tCheck'
}
