#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact sign: what it changes, what it leaves alone, and what it refuses.

load ../helpers/common

VECTORS=$TESTS/data/vectors
KEY=$VECTORS/keys/test-rsa2048-pkcs8.pem
PUBLIC=$VECTORS/keys/test-rsa2048-pkcs8.pub.pem
EC_KEY=$VECTORS/keys/test-ecp256-pkcs8.pem
EC_PUBLIC=$VECTORS/keys/test-ecp256-pkcs8.pub.pem

# Outputs go to a directory of their own, so that debris in it is seen.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir out
  cp "$VECTORS/good/rootfs-gzip.mender" unsigned.mender
  cp "$VECTORS/good/signed-rsa2048-pkcs1.mender" signed.mender
}

members() {
  tar -tf "$1" | paste -sd ' '
}

# The artifact without its signature, as sign must have copied it: 512 bytes of header and one block of base64 are cut out.
without_signature() {
  local begin
  begin=$(($(tar -tRf "$1" | sed -n 's/^block \([0-9]*\): manifest.sig$/\1/p') * 512))
  local end
  end=$(($(tar -tRf "$1" | sed -n 's/^block \([0-9]*\): header\..*/\1/p') * 512))
  head -c $begin "$1"
  tail -c +$((end + 1)) "$1"
}

@test "a signature is put after the manifest, and every other byte stays" {
  run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender unsigned.mender
  assert_success
  refute_output
  assert_equal "$stderr" ''
  assert_equal "$(members out/x.mender)" 'version manifest manifest.sig header.tar.gz data/0000.tar.gz'
  without_signature out/x.mender | cmp - unsigned.mender
  assert_same_file unsigned.mender "$VECTORS/good/rootfs-gzip.mender"
  mender-artifact validate out/x.mender -k "$PUBLIC"
}

@test "without -o the artifact itself is signed, and nothing else appears" {
  cp unsigned.mender out/x.mender
  run --separate-stderr mender-artifact sign out/x.mender -k "$KEY"
  assert_success
  assert_directory out x.mender
  mender-artifact validate out/x.mender -k "$PUBLIC"
}

@test "an EC key signs in the form that devices take: r and s, 64 bytes" {
  mender-artifact sign -k "$EC_KEY" unsigned.mender
  assert_equal "$(tar -xOf unsigned.mender manifest.sig | base64 -d | wc -c)" 64
  mender-artifact validate unsigned.mender -k "$EC_PUBLIC"
}

@test "an option behind a flag and the artifact still counts" {
  run --separate-stderr mender-artifact sign -f signed.mender -k "$EC_KEY" -o out/x.mender
  assert_success
  assert_same_file signed.mender "$VECTORS/good/signed-rsa2048-pkcs1.mender"
  mender-artifact validate out/x.mender -k "$EC_PUBLIC"
}

@test "a signed artifact is only signed again by force" {
  run --separate-stderr mender-artifact sign -k "$EC_KEY" signed.mender
  assert_failure 1
  assert_equal "$stderr" 'Artifact already signed, refusing to re-sign. Use force option to override'
  assert_same_file signed.mender "$VECTORS/good/signed-rsa2048-pkcs1.mender"

  run --separate-stderr mender-artifact sign -k "$EC_KEY" signed.mender --force
  assert_success
  assert_equal "$(members signed.mender | grep -o manifest.sig | wc -l)" 1
  without_signature signed.mender | cmp - <(without_signature "$VECTORS/good/signed-rsa2048-pkcs1.mender")
  mender-artifact validate signed.mender -k "$EC_PUBLIC"
}

@test "mode and time zone of the caller do not matter: the mode stays, the bytes are the same" {
  chmod 640 unsigned.mender
  (umask 077 && TZ=Asia/Tokyo LC_ALL=C mender-artifact sign -k "$KEY" -o out/one.mender unsigned.mender)
  (umask 000 && mender-artifact sign -k "$KEY" -o out/two.mender unsigned.mender)
  assert_equal "$(stat -c %a out/one.mender out/two.mender | paste -sd ' ')" '640 640'
  assert_same_file out/one.mender out/two.mender
}

@test "the owner stays where the caller may give files away, and the group where he belongs to it" {
  [ "$(id -u)" = 0 ] || skip 'only root can become another user'
  local -a member=(setpriv --reuid=65534 --regid=65534 --groups=4321)
  chown 1234:4321 unsigned.mender
  chmod 640 unsigned.mender
  mender-artifact sign -k "$KEY" -o out/x.mender unsigned.mender
  assert_equal "$(stat -c '%u:%g %a' out/x.mender)" '1234:4321 640'
  mender-artifact sign -f -k "$KEY" out/x.mender
  assert_equal "$(stat -c '%u:%g %a' out/x.mender)" '1234:4321 640'
  chmod o+x "$BATS_RUN_TMPDIR"
  chmod 777 out
  cp "$KEY" out/key.pem
  chmod 644 out/key.pem
  "${member[@]}" "$BUILD_DIR/apps/mender-artifact" --version >/dev/null 2>&1 || skip 'nobody else can run the build'
  "${member[@]}" test -w out || skip 'nobody else can write here'
  "${member[@]}" mender-artifact sign -f -k out/key.pem out/x.mender
  assert_equal "$(stat -c '%u:%g %a' out/x.mender)" '65534:4321 640'
}

@test "a symbolic link is no reason to pass over -o" {
  ln -s unsigned.mender link.mender
  run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender link.mender
  assert_success
  assert_same_file unsigned.mender "$VECTORS/good/rootfs-gzip.mender"
  assert_directory out x.mender
}

@test "a key is needed, and one that cannot sign is named" {
  run --separate-stderr mender-artifact sign unsigned.mender
  assert_failure 1
  assert_equal "$stderr" 'Missing signing key; please provide a signing key parameter'

  run --separate-stderr mender-artifact sign -k nope.pem unsigned.mender
  assert_failure 1
  assert_contains 'Can not use signing key provided: '
  assert_contains 'open nope.pem: No such file or directory'

  local key
  for key in "$PUBLIC" "$VECTORS/inputs/not-a-key.pem" "$VECTORS/keys/test-ecp521-pkcs8.pem" \
    "$VECTORS/keys/test-ed25519-pkcs8.pem"; do
    run --separate-stderr mender-artifact sign -k "$key" unsigned.mender
    assert_failure 1
    assert_contains 'Can not use signing key provided: '
    assert_contains "$key"
  done
  assert_same_file unsigned.mender "$VECTORS/good/rootfs-gzip.mender"
}

@test "two keys are too many, and they are listed in the order of the manual" {
  run --separate-stderr mender-artifact sign --azure-key a --gcp-kms-key g -k "$KEY" unsigned.mender
  assert_failure 1
  assert_equal "$stderr" 'too many signing keys given: [key gcp-kms-key azure-key]'

  run --separate-stderr mender-artifact sign --azure-key= -k "$KEY" unsigned.mender
  assert_success
}

@test "services that we do not reach ourselves are answered with what to do" {
  local option
  for option in gcp-kms-key vault-transit-key azure-key; do
    run --separate-stderr mender-artifact sign "--$option" 'a key' unsigned.mender
    assert_failure 1
    assert_contains "--$option is not supported: with the PKCS#11 module of that service, it is --key 'pkcs11:object=a%20key'"
  done
  run --separate-stderr mender-artifact sign --gcp-kms-key projects/p/locations/l/keyRings/r/cryptoKeys/release/cryptoKeyVersions/1 \
    unsigned.mender
  assert_failure 1
  assert_contains "--key 'pkcs11:object=release'"
  run --separate-stderr mender-artifact sign --key-pkcs11 token.pem unsigned.mender
  assert_failure 1
  assert_contains 'a PKCS#11 URI begins with "pkcs11:"'
}

@test "nothing to sign, what is missing, and what is no artifact are failures" {
  run --separate-stderr mender-artifact sign -k "$KEY"
  assert_failure 1
  assert_equal "$stderr" $'Nothing specified, nothing signed. \nMaybe you wanted to say \'artifacts sign <pathspec>\'?'

  run --separate-stderr mender-artifact sign -k "$KEY" nope.mender
  assert_failure 1
  assert_contains 'Can not open: nope.mender: No such file or directory'

  run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender "$VECTORS/inputs/hello.txt"
  assert_failure 1
  assert_contains 'Could not read tar header'
  assert_directory out ''
}

@test "a corrupt artifact is only signed unchecked" {
  local size
  size=$(stat -c %s unsigned.mender)
  # A byte of the compressed payload, which is the last member.
  printf '\xff' | dd of=unsigned.mender bs=1 seek=$((size - 2048)) conv=notrunc status=none
  cp unsigned.mender corrupt.mender
  run --separate-stderr mender-artifact sign -k "$KEY" unsigned.mender
  assert_failure 1
  assert_contains 'unsigned.mender is not signed: '
  assert_same_file unsigned.mender corrupt.mender

  run --separate-stderr mender-artifact sign -k "$KEY" --no-check unsigned.mender
  assert_success
  without_signature unsigned.mender | cmp - corrupt.mender
}

@test "what will be refused although it is signed is signed with a warning" {
  cp "$VECTORS/good/v390-rootfs-signed.mender" old.mender
  run --separate-stderr mender-artifact sign --force -k "$KEY" old.mender
  assert_success
  assert_equal "$stderr" 'warning: old.mender: type-info: the type is empty, as releases 3.3 to 4.3 of mender-artifact wrote it (refused by mender-artifact 4.4)'

  local name words
  while IFS=: read -r name words; do
    cp "$VECTORS/good/$name.mender" device.mender
    run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender device.mender
    assert_success
    [[ $stderr == "warning: device.mender: "*"$words"*'(refused by devices)' ]] || complain "$name"
    mender-artifact sign --no-check -k "$KEY" -o out/x.mender device.mender 2>unchecked
    [ ! -s unchecked ] || complain "$name is checked"
  done <<'VECTORS'
rootfs-v2:the format version is 2
module-augmented:the artifact is augmented
module-name-120:is longer than the 90 characters that devices accept
VECTORS
}

# An artifact with twenty files, about each of which there is a warning.
make_warned_of() {
  local number name
  mkdir -p files data headers/0000
  printf '{"format":"mender","version":3}' >version
  printf '{"payloads":[{"type":"mod"}],"artifact_provides":{"artifact_name":"n"},"artifact_depends":{"device_type":["d"]}}' \
    >header-info
  printf '{"type":"mod"}' >headers/0000/type-info
  tar --format=ustar -cf header.tar header-info headers/0000/type-info
  for number in {10..29}; do
    name=$(printf 'n%.0s' {1..90})$number
    echo "$number" >"files/$name"
    (cd files && sha256sum "$name" | sed 's,  ,&data/0000/,')
  done >manifest
  sha256sum header.tar version >>manifest
  (cd files && tar --format=ustar -cf ../data/0000.tar -- *)
  tar --format=ustar -cf "$1" version manifest header.tar data/0000.tar
}

@test "with standard streams closed no warning is written into the artifact" {
  make_warned_of many.mender
  mender-artifact sign -k "$KEY" -o expected.mender many.mender 2>warnings
  [ "$(wc -l <warnings)" -eq 20 ]
  mender-artifact sign -k "$KEY" -o out/x.mender "$(printf './%.0s' {1..1000})many.mender" <&- >&- 2>&-
  cmp expected.mender out/x.mender
}

@test "an output that cannot be made fails and leaves what was there" {
  run --separate-stderr mender-artifact sign -k "$KEY" -o none/x.mender unsigned.mender
  assert_failure 1
  assert_contains none/x.mender
  assert_directory out
}

@test "into a directory an artifact is signed under its own name" {
  run --separate-stderr mender-artifact sign -k "$KEY" -o out unsigned.mender
  assert_success
  mender-artifact validate -k "$PUBLIC" out/unsigned.mender
}

@test "several artifacts are signed, in place or into a directory" {
  mkdir in
  cp unsigned.mender in/a.mender
  cp "$VECTORS/good/rootfs-none.mender" in/b.mender
  run --separate-stderr mender-artifact sign -k "$KEY" -o out in/a.mender in/b.mender
  assert_success
  assert_equal "$stderr" ''
  assert_directory out a.mender b.mender
  mender-artifact sign -k "$KEY" in/a.mender in/b.mender
  for name in a b; do
    mender-artifact validate -k "$PUBLIC" "in/$name.mender"
    assert_same_file "in/$name.mender" "out/$name.mender"
  done
}

@test "of several artifacts the first that cannot be signed is named and is the last that is tried" {
  cp unsigned.mender a.mender
  cp unsigned.mender c.mender
  run --separate-stderr mender-artifact sign -k "$KEY" a.mender signed.mender c.mender
  assert_failure 1
  assert_contains 'signed.mender: Artifact already signed'
  assert_contains '(of 3 artifacts 1 are signed)'
  mender-artifact validate -k "$PUBLIC" a.mender
  assert_same_file signed.mender "$VECTORS/good/signed-rsa2048-pkcs1.mender"
  assert_same_file c.mender unsigned.mender
}

@test "artifacts of the same name do not go to one directory, and none of them is signed" {
  mkdir a b
  cp unsigned.mender a/x.mender
  cp "$VECTORS/good/rootfs-none.mender" b/x.mender
  run --separate-stderr mender-artifact sign -k "$KEY" -o out unsigned.mender a/x.mender b/x.mender
  assert_failure 1
  assert_contains 'a/x.mender and b/x.mender would both be written to out/x.mender'
  assert_directory out
}

@test "the key is never the output" {
  cp "$KEY" out/key.pem
  run --separate-stderr mender-artifact sign -k out/key.pem unsigned.mender -o out/key.pem
  assert_failure 1
  assert_contains '--key out/key.pem: is the output as well as an input'
  cp unsigned.mender key.pem
  run --separate-stderr mender-artifact sign -k out/key.pem key.pem -o out
  assert_failure 1
  assert_same_file out/key.pem "$KEY"
}

@test "several artifacts do not go to one file" {
  run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender unsigned.mender signed.mender
  assert_failure 1
  assert_contains 'out/x.mender is no directory'
  assert_directory out
}

@test "a failure to sign leaves the old output untouched, and no debris" {
  echo old >out/x.mender
  run --separate-stderr mender-artifact sign -k "$KEY" -o out/x.mender signed.mender
  assert_failure 1
  assert_equal "$(cat out/x.mender)" old
  assert_directory out x.mender
}
