#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Help, the version, completion, and what the parser of options accepts in every command.

load ../helpers/common

VECTORS=$TESTS/data/vectors
COMMANDS=("write rootfs-image" "write module-image" "write bootstrap-artifact" read validate sign dump)

@test "every way of asking for the general help gives it, on standard output" {
  run --separate-stderr mender-artifact
  assert_success
  assert_contains 'Usage: mender-artifact COMMAND'
  local general=$output word
  for word in -h --help -help help h; do
    run --separate-stderr mender-artifact $word
    assert_success
    assert_output "$general"
    assert_equal "$stderr" ''
  done
}

@test "every command is in the general help, and has a help of its own however it is asked for" {
  local general command asking
  general=$(mender-artifact)
  for command in "${COMMANDS[@]}"; do
    [[ $general == *"  $command "* ]] || complain "the general help lacks $command"
    for asking in "help $command" "h $command" "$command -h" "$command --help" "$command x.mender -h"; do
      # shellcheck disable=SC2086
      run --separate-stderr mender-artifact $asking
      assert_success
      assert_contains "Usage: mender-artifact $command [OPTIONS]"
      assert_equal "$stderr" ''
    done
  done
}

@test "'write' alone shows what can be written" {
  for asking in write 'write --help' 'write -h' 'help write'; do
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact $asking
    assert_success
    assert_contains rootfs-image
    assert_contains bootstrap-artifact
    refute_contains validate
  done
}

@test "-h that is the value of an option, or stands behind --, asks for nothing" {
  run --separate-stderr mender-artifact read -k -h x.mender
  assert_failure 1
  refute_contains Usage:
  run --separate-stderr mender-artifact read -- -h
  assert_failure 4
  assert_contains 'Can not open artifact: open -h'
}

@test "the version is told" {
  for word in -v --version; do
    run --separate-stderr mender-artifact $word
    assert_success
    assert_matches "$output" 'mender-artifact version [0-9]+\.[0-9]+\.[0-9]+'
  done
}

@test "a command or a topic that there is not fails with 3" {
  local asking
  for asking in foo 'help foo' 'write foo' 'help write foo' 'foo --help'; do
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact $asking
    assert_failure 3
    refute_output
    assert_equal "$stderr" "No help topic for 'foo'"
  done
  run --separate-stderr mender-artifact ''
  assert_failure 3
  assert_equal "$stderr" "No help topic for ''"
}

@test "a command that only upstream's tool has is answered with what there is instead" {
  local command
  for command in modify cp cat install rm; do
    run --separate-stderr mender-artifact $command x.mender -n y
    assert_failure 3
    refute_output
    assert_equal "$stderr" "$command is not supported: dump takes an artifact apart, and write makes one of the parts"
  done
}

@test "an option that there is not is named, with the one that was probably meant" {
  run --separate-stderr mender-artifact read --bogus x.mender
  assert_failure 1
  refute_output
  assert_equal "$stderr" 'Incorrect Usage: flag provided but not defined: -bogus'
  run --separate-stderr mender-artifact read --no-progres x.mender
  assert_failure 1
  assert_contains 'not defined: -no-progres (did you mean --no-progress?)'
  run --separate-stderr mender-artifact write rootfs-image --output x.mender
  assert_failure 1
  assert_contains 'not defined: -output (did you mean --output-path?)'
  run --separate-stderr mender-artifact sign --worker W x.mender
  assert_failure 1
  assert_contains 'not defined: -worker (did you mean --keyfactor-signserver-worker?)'
  # Letters are not clustered.
  run --separate-stderr mender-artifact sign -fk key.pem x.mender
  assert_failure 1
  assert_contains 'not defined: -fk'
}

@test "an option that there is not is named before the command, too" {
  local asking
  for asking in '--bogus read x.mender' '-bogus' '--bogus=1 read' 'write --bogus'; do
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact $asking
    assert_failure 1
    refute_output
    assert_equal "$stderr" 'Incorrect Usage: flag provided but not defined: -bogus'
  done
}

@test "an option without its value is named" {
  run --separate-stderr mender-artifact read x.mender -k
  assert_failure 1
  assert_contains '--key needs a value'
  run --separate-stderr mender-artifact sign --force=maybe x.mender
  assert_failure 1
  assert_contains '--force takes true or false'
}

@test "long options take one dash or two, and a value as the next word or behind =" {
  local good=$VECTORS/good/signed-ecp256-sec1.mender key=$VECTORS/keys/test-ecp256-sec1.pub.pem option
  for option in "-k $key" "-k=$key" "--k $key" "-key $key" "-key=$key" "--key $key" "--key=$key"; do
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact validate $option "$good"
    assert_success
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact validate "$good" $option
    assert_success
  done
}

@test "an option behind a flag and an operand still counts" {
  run --separate-stderr mender-artifact read --no-progress "$VECTORS/good/signed-ecp256-sec1.mender" \
    -k "$VECTORS/keys/test-ecp256-sec1.pub.pem"
  assert_success
  assert_contains 'Signature: signed and verified correctly'
}

@test "a flag can be switched off again, and the last one counts" {
  cp "$VECTORS/good/signed-ecp256-sec1.mender" signed.mender
  local key=$VECTORS/keys/test-ecp256-sec1.pem
  run --separate-stderr mender-artifact sign -k "$key" --force --force=false signed.mender
  assert_failure 1
  run --separate-stderr mender-artifact sign -k "$key" -f=false --force=true signed.mender
  assert_success
}

@test "of an option that takes one value the last counts" {
  run --separate-stderr mender-artifact validate "$VECTORS/good/rootfs-none.mender" --max-payload-size 1B --max-payload-size 1GB
  assert_success
}

@test "-- ends the options" {
  cp "$VECTORS/good/rootfs-none.mender" ./-k
  run --separate-stderr mender-artifact validate -- -k
  assert_success
  assert_output "Artifact file '-k' validated successfully"
}

@test "--compression before the command is a default for those that compress, and nothing to others" {
  printf x >file
  mender-artifact --compression none write rootfs-image -n a -c d -f file -o none.mender
  assert_equal "$(tar -tf none.mender | tail -n 1)" data/0000.tar
  mender-artifact --compression=none write rootfs-image -n a -c d -f file --compression gzip -o gzip.mender
  assert_equal "$(tar -tf gzip.mender | tail -n 1)" data/0000.tar.gz
  run --separate-stderr mender-artifact --compression none validate none.mender
  assert_success
}

@test "surplus operands are ignored, but not without a word" {
  run --separate-stderr mender-artifact validate "$VECTORS/good/rootfs-none.mender" second.mender
  assert_success
  assert_contains 'warning: second.mender is ignored'
}

@test "nothing that a terminal takes for a command is in what is said" {
  for bad in $'\x1b[31m' $'\xc2\x9b31m' $'\x9b31m' $'\x7f'; do
    run --separate-stderr mender-artifact read "none$bad"
    assert_failure 4
    assert_equal "$(grep -c -a -P '\x1b|\x9b|\x7f' <<<"$stderr")" 0
    run --separate-stderr mender-artifact validate "$VECTORS/good/rootfs-none.mender" "second$bad"
    assert_success
    assert_equal "$(grep -c -a -P '\x1b|\x9b|\x7f' <<<"$stderr")" 0
    assert_contains 'warning: second?'
  done
}

@test "a report that cannot be printed is a failure, and so is help" {
  local words
  for words in "read '$VECTORS/good/rootfs-none.mender'" "validate '$VECTORS/good/rootfs-none.mender'" \
    "dump --print-cmdline '$VECTORS/good/rootfs-none.mender'" 'read --help' --help --version 'help read' --generate-bash-completion; do
    run --separate-stderr bash -c "mender-artifact $words >/dev/full"
    assert_failure 1
    assert_equal "$words: $stderr" "$words: can not write to standard output"
  done
}

# ---- Completion ----

@test "completion offers commands, what can be written, and options" {
  run --separate-stderr mender-artifact --generate-bash-completion
  assert_success
  assert_output $'write\nread\nvalidate\nsign\ndump\nhelp'
  run --separate-stderr mender-artifact write --generate-bash-completion
  assert_success
  assert_output $'rootfs-image\nmodule-image\nbootstrap-artifact'
  run --separate-stderr mender-artifact sign - --generate-bash-completion
  assert_success
  assert_contains $'\n--force\n-f\n'
  refute_contains software-name
  run --separate-stderr mender-artifact sign x.mender --generate-bash-completion
  assert_success
  refute_output
}

@test "completion in zsh comes with descriptions" {
  export _CLI_ZSH_AUTOCOMPLETE_HACK=1
  run --separate-stderr mender-artifact sign -- --generate-bash-completion
  assert_success
  assert_contains '--force:Replace'
}

@test "completion offers exactly the options of the help" {
  local command
  for command in "${COMMANDS[@]}"; do
    # shellcheck disable=SC2086
    assert_equal "$(mender-artifact $command - --generate-bash-completion | grep -- ^--)" \
      "$(mender-artifact help $command | sed -nE 's/^  (--[a-z0-9-]+).*/\1/p')"
  done
}

# ---- The manual ----

MANUAL=$TESTS/../docs/mender-artifact.1

# Options as the help writes them, "--name, -letter ARGUMENT", a line each: those of all commands, and those of the manual.
options_of_help() {
  local command
  for command in '' "${COMMANDS[@]}"; do
    # shellcheck disable=SC2086
    mender-artifact help $command
  done | sed -nE 's/^  (--[a-z0-9-]+(, -.)?( [^ ]+)?)(  .*)?$/\1/p' | sort -u
}

options_of_manual() {
  sed -nE '/^\.T[PQ]/ { n; s/\\f[BIR]//g; s/\\-/-/g; /^--/p }' "$MANUAL" | sort -u
}

@test "the manual lists the options that there are, with their letters and arguments" {
  options_of_help >help
  options_of_manual >manual
  diff -u help manual
}

@test "the manual names every command" {
  local command manual
  manual=$(mandoc -Tascii "$MANUAL" | sed 's/.\x08//g')
  for command in "${COMMANDS[@]}"; do
    [[ $manual == *"mender-artifact $command ["* ]] || complain "the manual lacks $command"
  done
}

@test "the manual is well-formed" {
  run mandoc -Tlint -Wwarning "$MANUAL"
  assert_output ''
}
