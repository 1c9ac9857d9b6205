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

# complete_zsh WORD...: what zsh is offered for the last word; the words that the completion system itself has are ours.
complete_zsh() {
  # shellcheck disable=SC2016
  run zsh -fc '
    file=$1; shift
    words=(mender-artifact "$@") CURRENT=$(($# + 1))
    _describe() { print -l -- "${(@P)2}" }
    _files() { print files }
    complete() { source "$file" }
    complete' zsh "$FILES/_mender-artifact" "$@"
}

@test "zsh offers commands and options with what they do, and files where a file is meant" {
  complete_zsh v
  assert_contains 'validate:Check'
  complete_zsh sign --no-
  assert_contains '--no-check:'
  complete_zsh sign --key ''
  assert_output files
}

@test "fish offers commands and options with what they do" {
  run fish --no-config -c "source $FILES/mender-artifact.fish; complete -C 'mender-artifact v'"
  assert_contains $'validate\tCheck'
  run fish --no-config -c "source $FILES/mender-artifact.fish; complete -C 'mender-artifact sign --no-'"
  assert_contains $'--no-check\t'
}
